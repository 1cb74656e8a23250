import Identifiers
import ScratchPad
import Store

extension Intake {
    /// Removes from every pad the directories of keys that nobody reads for any more: of hosts that were removed, unregistered or got another
    /// key, and of strangers, once their last answer was read or has expired. A pad that cannot be used is tidied the next time.
    func tidyPads() async {
        for station in allStations {
            // One that still hangs in its last tidying is left alone.
            let isFree = station.isBeingTidied.withLock { isBeingTidied in
                defer { isBeingTidied = true }
                return !isBeingTidied
            }
            guard isFree else { continue }
            let ended = Gate()
            Task {
                do {
                    try await tidy(station)
                } catch {
                    logger.notice("a pad was not tidied", metadata: ["pad": "\(station.terms.id)", "reason": "\(error)"])
                }
                station.isBeingTidied.withLock { $0 = false }
                ended.open()
            }
            let patience = Task {
                // Cancelled when it was tidied before: the gate is open then.
                try? await Task.sleep(for: configuration.hangLimit)
                ended.open()
            }
            await ended.wait()
            patience.cancel()
        }
    }

    private func tidy(_ station: PadStation) async throws {
        guard station.standing.withLock({ $0.fault == nil && !$0.isRemoved }) else { return }
        let id = station.terms.id
        let found = await onWorker(station) { station -> Result<[Fingerprint], PadError> in
            do throws(PadError) {
                return .success(try station.pad.withLock { pad throws(PadError) in try pad.outgoingKeys() })
            } catch {
                return .failure(error)
            }
        }
        let keys = try found.get()
        // Each of these was in the database before it was noted here.
        let noted = station.standing.withLock { Set($0.pending.keys) }
        let unread = try await store.read { transaction in try keys.filter { try !transaction.hasReader($0, on: id) } }
        guard !unread.isEmpty else { return }
        let failure = await onWorker(station) { station -> PadError? in
            // What was answered since then is in the station's list before it is laid on the pad. What was there already is waited for no more.
            let gone = Set(unread)
            let waiting = station.standing.withLock { standing in
                standing.pending = standing.pending.filter { !noted.contains($0.key) || !gone.contains($0.value.key) }
                return Set(standing.pending.values.map(\.key))
            }
            var failure: PadError?
            for key in unread where !waiting.contains(key) && !station.standing.withLock({ $0.isRemoved }) {
                do throws(PadError) {
                    try station.pad.withLock { pad throws(PadError) in try pad.withdrawAll(from: key) }
                } catch {
                    // The others go; this one is tried again.
                    failure = error
                }
            }
            return failure
        }
        if let failure { throw failure }
    }
}
