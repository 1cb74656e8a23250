import Identifiers
import Logging
import Messages
import Provider
import ScratchPad
import Sealing
import Store

/// What is to be done on one pad once its batch is committed.
struct PadWork: Sendable {
    var deliver: [OutgoingFile] = []
    var withdraw: [(key: Fingerprint, messageID: MessageID)] = []
    var remove: [PadName] = []
    var quarantine: [(file: CollectedFile, reason: String)] = []
    var kept = false
    var words: [String: Int] = [:]
    var known: [Fingerprint] = []

    mutating func add(_ file: CollectedFile, _ outcome: FileOutcome) {
        words[outcome.word, default: 0] += 1
        deliver += outcome.answers
        withdraw += outcome.withdrawn.map { ($0.key, $0.messageID) }
        if let sender = outcome.sender { known.append(sender) }
        switch outcome.action {
        case .remove: remove.append(file.name)
        case .quarantine(let reason): quarantine.append((file, reason))
        case .keep: kept = true
        }
    }
}

extension Intake {
    // MARK: On the pad's worker

    /// Runs `body` on the pad's worker and waits for it.
    func onWorker<Value: Sendable>(_ station: PadStation, _ body: @escaping @Sendable (PadStation) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            workers.submit(lane: station.lane) { continuation.resume(returning: body(station)) }
        }
    }

    func collect(_ station: PadStation, now: Timestamp) throws(PadError) -> ControllerPad.Collection {
        let budget = ControllerPad.Budget(files: configuration.messagesPerPass, bytes: configuration.bytesPerPass)
        let elapsed = elapsed
        let collection = try station.pad.withLock { pad throws(PadError) in
            try pad.collect(budget, elapsed: elapsed, now: now) { lane in station.knownLanes.withLock { $0.contains(lane) } }
        }
        station.standing.withLock { $0.quiet = collection.quiet }
        if let fault = collection.mendedHeader { noteMendedHeader(station, fault) }
        noteCrowding(station, collection, now: now)
        return collection
    }

    func collectOnWorker(_ station: PadStation) async throws -> ControllerPad.Collection {
        let now = clock()
        let result = await onWorker(station) { [self] station -> Result<ControllerPad.Collection, PadError> in
            do throws(PadError) { return .success(try collect(station, now: now)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Delivers answers, forces them out, once for all pads of a file system that do so now, then removes what was handled.
    func apply(_ work: PadWork, to station: PadStation) async throws -> PassSummary {
        let now = clock()
        var delivery = Delivery()
        if !work.deliver.isEmpty {
            await flushes.begin()
            let result = await onWorker(station) { [self] station -> Result<Delivery, any Error> in
                Result { try deliver(work.deliver, to: station, now: now) }
            }
            guard case .success(let delivered) = result else {
                _ = await flushes.end(on: .nothing) { nil }
                _ = try result.get()
                return PassSummary()
            }
            delivery = delivered
            let failure = await flushes.end(on: delivery.target) { [self] in await flush(station) }
            delivery.failure = failure ?? delivery.failure
        }
        let (count, failure) = (delivery.count, delivery.failure)
        let result = await onWorker(station) { [self] station -> Result<(summary: PassSummary, failure: PadError?), any Error> in
            if failure == nil { station.pad.withLock { $0.noteFlushed() } }
            return Result { try clear(work, from: station, now: now) }
        }
        let cleared = try result.get()
        var summary = cleared.summary
        summary.delivered = count
        noteJunk(station, summary.quarantined.count, now: now)
        if !summary.quarantined.isEmpty { try await countQuarantine(summary.quarantined, station) }
        if let failure { _ = noteFault(station, "answers were not delivered: \(failure)") }
        // Everything that could be done has been.
        if let failure = cleared.failure { throw failure }
        if failure == nil { noteRecovery(station) }
        return summary
    }

    /// Answers that were put on a pad, and not forced out yet.
    private struct Delivery: Sendable {
        var count = 0
        var failure: PadError?
        /// The file system that is to be forced out.
        var target = FileSystemFlushes.Target.nothing
    }

    private func deliver(_ files: [OutgoingFile], to station: PadStation, now: Timestamp) throws -> Delivery {
        var delivery = Delivery()
        for file in files {
            do throws(PadError) {
                try station.pad.withLock { pad throws(PadError) in
                    try pad.deliver(file.bytes, as: ControllerPad.replyName(file.messageID), to: file.key)
                }
                delivery.count += 1
                station.note(file, pause: configuration.republishPause, now: now)
            } catch {
                // The row has it: it is published when there is room again. What was handled still goes, which makes room.
                delivery.failure = error
                station.note(file, pause: .seconds(1), now: now)
            }
            try hook(.delivering, station.terms.id)
        }
        if delivery.count > 0 {
            delivery.target = station.pad.withLock { $0.medium.fileSystem }.map { .shared($0) } ?? .own
        }
        return delivery
    }

    /// Forces out what lies on the pad's file system.
    private func flush(_ station: PadStation) async -> PadError? {
        await onWorker(station) { station -> PadError? in
            do throws(PadError) {
                try station.pad.withLock { pad throws(PadError) in try pad.flush() }
                return nil
            } catch {
                return error
            }
        }
    }

    /// So many files that go to the quarantine at one time are named in the log.
    private static let quarantineLines = 8

    /// Removes from the pad what was handled. One file that cannot be dealt with keeps no other waiting; the last error is returned.
    private func clear(
        _ work: PadWork, from station: PadStation, now: Timestamp
    ) throws -> (summary: PassSummary, failure: PadError?) {
        let id = station.terms.id
        var summary = PassSummary()
        var failure: PadError?
        summary.words = work.words
        station.knownLanes.withLock { lanes in
            if lanes.count > 100_000 { lanes.removeAll() }
            for sender in work.known { lanes.insert(Lane(of: sender)) }
        }
        try hook(.delivered, id)
        for name in work.remove {
            do throws(PadError) {
                try station.pad.withLock { pad throws(PadError) in try pad.delete(name) }
                summary.removed += 1
            } catch { failure = error }
            try hook(.removing, id)
        }
        // A flood that was said is not written on into the log.
        let level: Logger.Level = station.crowding.withLock { $0 == nil } ? .warning : .debug
        for (file, reason) in work.quarantine {
            do throws(PadError) {
                let isMoved = try station.pad.withLock { pad throws(PadError) in try pad.quarantine(file, now: now, trims: false) }
                guard isMoved else { continue }
                summary.quarantined.append(reason)
                guard summary.quarantined.count <= Self.quarantineLines else { continue }
                logger.log(
                    level: level, "moved a malformed file to the quarantine",
                    metadata: ["pad": "\(id)", "file": "\(file.name)", "reason": "\(reason)"])
            } catch { failure = error }
        }
        if summary.quarantined.count > Self.quarantineLines {
            logger.log(
                level: level, "moved malformed files to the quarantine, of which the oldest go",
                metadata: ["pad": "\(id)", "files": "\(summary.quarantined.count)"])
        }
        if !work.quarantine.isEmpty {
            do throws(PadError) { try station.pad.withLock { pad throws(PadError) in try pad.trim() } } catch { failure = error }
        }
        for (key, messageID) in work.withdraw {
            station.forget(messageID, to: key)
            do throws(PadError) {
                try station.pad.withLock { pad throws(PadError) in try pad.withdraw(ControllerPad.replyName(messageID), from: key) }
            } catch { failure = error }
        }
        if work.kept { station.pad.withLock { $0.lookAgain() } }
        try hook(.removed, id)
        return (summary, failure)
    }

    // MARK: Answers that wait

    /// Puts back what somebody removed before its reader acknowledged it, and takes away what expired.
    func republish(_ station: PadStation) async throws {
        let now = clock()
        let due = station.due(now: now, shortestPause: configuration.republishPause, longestPause: .seconds(3_600))
        guard !due.publish.isEmpty || !due.withdraw.isEmpty else { return }
        let files = try await store.read { transaction in
            try due.publish.compactMap { try transaction.pendingReply($0, on: station.terms.id) }
        }
        let present = Set(files.map(\.messageID))
        for message in due.publish where !present.contains(message) { station.forget(message) }
        let result = await onWorker(station) { [counters] station -> PadError? in
            do throws(PadError) {
                try station.pad.withLock { pad throws(PadError) in
                    for file in files {
                        let name = ControllerPad.replyName(file.messageID)
                        if try pad.isDelivered(file.sealed, as: name, to: file.fingerprint) { continue }
                        try pad.deliver(file.sealed, as: name, to: file.fingerprint)
                        counters.republished()
                    }
                    for (message, key) in due.withdraw { try pad.withdraw(ControllerPad.replyName(message), from: key) }
                    try pad.flush()
                }
                return nil
            } catch {
                return error
            }
        }
        if let result { throw result }
        let laid = files.filter(\.awaitsDelivery).map(\.id)
        if !laid.isEmpty { try await store.write { try $0.noteDelivered(laid) } }
    }

    func pendingReplies(on pad: PadID) async throws -> [OutgoingFile] {
        var all: [OutgoingFile] = []
        var after: Int64 = 0
        while true {
            let page = try await store.read { [after] transaction in try transaction.pendingReplies(on: pad, after: after) }
            guard let last = page.last else { return all }
            after = last.id
            all += page.map {
                OutgoingFile(padID: $0.padID, key: $0.fingerprint, messageID: $0.messageID, bytes: [], expiresAt: $0.expiresAt)
            }
        }
    }

    // MARK: Headers

    /// Brings the pad's header up to date and removes what an interrupted pass left. Until that was done nothing is collected: an empty mount
    /// point, or another pad in this one's place, is not taken for it. Returns the pause before the pad is looked at, or taken up again.
    func takeUp(_ station: PadStation) async -> Duration {
        do {
            try await takenUp(station)
            noteRecovery(station)
            return .zero
        } catch {
            return noteFault(station, String(describing: error))
        }
    }

    /// Takes the pad up if it was not yet, or not since the keys were replaced.
    func takenUp(_ station: PadStation) async throws {
        try await station.takingUp.run {
            guard !station.standing.withLock({ $0.isTakenUp || $0.isRemoved }) else { return }
            try await takeUpNow(station)
        }
    }

    /// Writes headers anew that are past half their life. A pad whose header cannot be written goes on with the one that it has.
    func renewHeaders() async {
        let now = clock()
        await withTaskGroup { group in
            for station in allStations {
                let isDue = station.standing.withLock {
                    $0.isTakenUp && ($0.headerEnds.map { $0 - now <= PadHeader.lifetime / 2 } ?? false)
                }
                guard isDue else { continue }
                group.addTask {
                    await self.withPatience {
                        do {
                            try await station.takingUp.run { try await self.takeUpNow(station) }
                        } catch {
                            self.logger.error(
                                "a pad's header was not renewed: hosts believe it until its end",
                                metadata: ["pad": "\(station.terms.id)", "reason": "\(error)"])
                        }
                    }
                }
            }
        }
    }

    private func takeUpNow(_ station: PadStation) async throws {
        guard let record = try await store.read({ try $0.pad(station.terms.id) }) else { return }
        let medium = station.medium
        let keys = processor.currentKeys
        let (header, ends) = try await refreshedHeader(station, record, medium, keys)
        let phase = phase(station.lane)
        let result = await onWorker(station) { station -> Result<Void, PadError> in
            station.pad.withLock { $0 = ControllerPad(medium: medium, header: header, phase: phase) }
            do throws(PadError) {
                // What is delivered is noted on this worker: nothing comes in between.
                let waiting = station.standing.withLock { Set($0.pending.keys.map(ControllerPad.replyName)) }
                try station.pad.withLock { pad throws(PadError) in _ = try pad.cleanTemporaries { waiting.contains($0) } }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        // Keys that were replaced meanwhile want another header: whoever replaced them takes the pad up again.
        let isCurrent = processor.currentKeys.signing.certificate == keys.signing.certificate
        station.standing.withLock { ($0.isTakenUp, $0.headerEnds) = (isCurrent, ends) }
    }

    /// The signed header that the pad should have. A pad whose header is of an earlier epoch, of keys of before,
    /// or past half its life gets a new one, of a higher generation.
    private func refreshedHeader(
        _ station: PadStation, _ record: PadRecord, _ medium: any PadMedium, _ keys: ControllerKeys
    ) async throws -> (bytes: [UInt8], ends: Timestamp) {
        let now = clock()
        let controller = try await store.read { try $0.controller() }
        let found = await onWorker(station) { _ -> Result<PadFile?, PadError> in
            do throws(PadError) {
                return .success(try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes))
            } catch {
                return .failure(error)
            }
        }
        let bytes: [UInt8]
        switch try found.get() {
        // `pad repair` writes one, where this is the pad.
        case nil: throw PadError.header(.missing)
        case .fault(let fault): throw PadError.header(.unsafeFile(fault))
        case .content(let content): bytes = content
        }
        var wanted = PadHeader(
            padID: record.id, controllerID: controller.id, generation: record.generation, epoch: controller.epoch, issuedAt: now,
            lifetime: PadHeader.lifetime, interval: record.interval, keys: keys)
        do throws(PadHeaderFault) {
            let present = try VerifiedHeader(bytes, trust: .pinned(keys.fingerprint), known: nil, now: now).header
            guard present.padID == record.id else { throw .otherPad(expected: record.id, found: present.padID) }
            let isCurrent =
                present.epoch == wanted.epoch && present.generation == wanted.generation && present.interval == wanted.interval
                && present.signingCertificate == wanted.signingCertificate
                && present.decryptionCertificate == wanted.decryptionCertificate && present.ends - now > PadHeader.lifetime / 2
            if isCurrent { return (bytes, present.ends) }
            wanted.generation = max(wanted.generation, present.generation)
        } catch {
            switch error {
            // Ours, and out of date.
            case .expired, .certificate(.expired): break
            // Somebody else's, or damaged: never overwritten unasked.
            default: throw PadError.header(error)
            }
        }
        var generation = wanted.generation
        while generation <= wanted.generation {
            generation = try await store.write { try $0.raisePadGeneration(record.id, by: .daemon("intake")) }.generation
        }
        wanted.generation = generation
        let header = wanted
        let written = await onWorker(station) { _ -> Result<[UInt8], PadError> in
            do throws(PadError) {
                var pad = ControllerPad(medium: medium)
                try pad.write(header, keys: keys)
                guard case .content(let bytes)? = try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) else {
                    throw .header(.missing)
                }
                return .success(bytes)
            } catch {
                return .failure(error)
            }
        }
        return (try written.get(), header.ends)
    }
}
