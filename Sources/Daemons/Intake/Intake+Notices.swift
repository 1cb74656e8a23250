import Identifiers
import Provider
import ScratchPad
import Store

extension Intake {
    /// Says a fault once, and how long to wait before the pad is looked at again: twice as long each time, up to five seconds.
    func noteFault(_ station: PadStation, _ text: String) -> Duration {
        let (isNew, failures) = station.standing.withLock { standing -> (Bool, Int) in
            let isNew = standing.fault != text
            standing.fault = text
            standing.failures += 1
            return (isNew, standing.failures)
        }
        if isNew {
            logger.error(
                "a pad cannot be used: check its directory and mount", metadata: ["pad": "\(station.terms.id)", "reason": "\(text)"])
            tell(station, "pad \(station.terms.id) cannot be used: \(text)")
        }
        counters.padFault()
        return max(station.terms.interval, min(station.terms.interval * (1 << min(failures, 10)), .seconds(5)))
    }

    func noteRecovery(_ station: PadStation) {
        let had = station.standing.withLock { standing -> Bool in
            defer { (standing.fault, standing.failures) = (nil, 0) }
            return standing.fault != nil
        }
        if had { logger.notice("the pad can be used again", metadata: ["pad": "\(station.terms.id)"]) }
    }

    /// The database did not take a batch: no fault of its pads. Their messages stay on them, and are read again after a pause.
    func noteUndecided(_ station: PadStation, _ error: any Error) -> Duration {
        let text = String(describing: error)
        let isNew = undecided.withLock { said in
            defer { said = text }
            return said != text
        }
        if isNew {
            logger.error(
                "what hosts sent could not be decided, and stays on its pads: look at the database and its disk",
                metadata: ["reason": "\(text)"])
        }
        return max(station.terms.interval, .seconds(1))
    }

    /// Somebody who can write to the pad's directory took the header away or put another in its place: hosts were cut off meanwhile.
    func noteMendedHeader(_ station: PadStation, _ fault: PadHeaderFault) {
        logger.error(
            "a pad's header was removed or replaced, and has been put back: see who else can write to the pad's directory",
            metadata: ["pad": "\(station.terms.id)", "reason": "\(fault)"])
        tell(station, "the header of pad \(station.terms.id) was removed or replaced, and has been put back: \(fault)")
    }

    func tellHung(lane: Int, isHung: Bool) {
        guard let station = station(lane: lane) else { return }
        let id = station.terms.id
        if isHung {
            counters.padHung()
            logger.critical(
                "a pad's file system hangs: the pad is left alone until it answers; look at its storage", metadata: ["pad": "\(id)"])
            // What it read is little beside what the others may read meanwhile.
            release(station)
            tell(station, "the file system of pad \(id) hangs")
        } else {
            logger.notice("a pad's file system answers again", metadata: ["pad": "\(id)"])
        }
    }

    private func tell(_ station: PadStation, _ text: String) {
        let notification = Notification(
            kind: .padUnavailable, severity: .alarm, accountID: nil, subject: station.terms.id.text, text: String(text.prefix(1_000)))
        Task {
            do {
                try await store.write { _ = try $0.notify(notification) }
            } catch {
                logger.error("the database did not take a notification", metadata: ["reason": "\(error)"])
            }
        }
    }

    func countQuarantine(_ reasons: [String], _ station: PadStation) async throws {
        counters.quarantined(reasons.count)
        let id = station.terms.id
        try await store.write { transaction in
            try transaction.countQuarantined(reasons.count, on: id, reason: String((reasons.last ?? "").prefix(500)))
        }
    }

    // MARK: Housekeeping

    func keepHouseUntilCancelled() async {
        while !Task.isCancelled {
            // Ends early when the controller stops, which the next line sees.
            try? await Task.sleep(for: .seconds(600))
            if Task.isCancelled { return }
            do {
                try await keepHouse()
            } catch {
                logger.error("the database was not tidied", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Tidies the pads, sums up what was refused, and forgets strangers whose messages are too old to come again, answers that expired, and
    /// logins that are over.
    package func keepHouse() async throws {
        let horizon = clock() - registrationLifetime * 2
        while try await store.write({ try $0.forgetStrangers(before: horizon) }) == 1_000 {}
        while try await store.write({ try $0.forgetReplies() }) == 1_000 {}
        while try await store.write({ try $0.forgetSessions() }) == 1_000 {}
        try await store.write { _ = try $0.removeForgottenFailures() }
        try await processor.auditStrangers()
        await renewHeaders()
        await tidyPads()
    }
}
