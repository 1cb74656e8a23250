import Identifiers
import Provider
import ScratchPad
import Store

/// What crowds a pad: who writes more than hosts do.
struct Crowding: Sendable, Equatable {
    /// Lanes with more files than one sender may have, and how many.
    var lanes: [Lane: Int] = [:]
    /// Files under names that no host gives.
    var oddNames = 0
    /// More names than are read at once.
    var isOverfull = false
    /// Files that were no message, within `Junk.period`, under whatever names.
    var malformed = 0
    /// When it was seen last.
    var seenAt: Timestamp

    /// Nil where nothing crowds the pad.
    init?(_ collection: ControllerPad.Collection, at now: Timestamp) {
        guard !collection.flooding.isEmpty || collection.excessOddNames > 0 || collection.isOverfull else { return nil }
        lanes = collection.flooding
        oddNames = collection.excessOddNames
        isOverfull = collection.isOverfull
        seenAt = now
    }

    init(malformed: Int, at now: Timestamp) {
        self.malformed = malformed
        seenAt = now
    }

    /// Whoever writes under ever new names must not fill the memory.
    private static let maximumLanes = 1_024

    /// With what was seen before, so that each lane is said once.
    func merged(with before: Crowding) -> Crowding {
        var merged = self
        if lanes.count + before.lanes.count <= Self.maximumLanes { merged.lanes.merge(before.lanes) { max($0, $1) } }
        merged.oddNames = max(oddNames, before.oddNames)
        merged.isOverfull = isOverfull || before.isOverfull
        merged.malformed = max(malformed, before.malformed)
        return merged
    }

    var text: String {
        var parts: [String] = []
        if isOverfull { parts.append("it holds more files than are read at once") }
        if oddNames > 0 { parts.append("\(oddNames) files under names that no host gives") }
        if malformed > 0 { parts.append("\(malformed) files within \(Junk.period.components.seconds) s that are no messages") }
        for (lane, count) in lanes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(3) {
            parts.append("\(count) files of the lane \(lane)")
        }
        if lanes.count > 3 { parts.append("and \(lanes.count - 3) lanes more") }
        return """
            the pad is flooded: \(parts.joined(separator: ", ")); what is beyond the limits is removed unread, \
            what is no message goes to the quarantine; registrations and reports wait longer here. See which machine writes to the pad
            """
    }
}

/// How many files of a pad were no messages lately.
struct Junk: Sendable {
    private var since: Timestamp?
    private var count = 0

    /// A faulty host makes one now and then; more than a quarantine holds within this time is somebody's doing.
    static let limit = ControllerPad.QuarantineLimits().files
    static let period = Duration.seconds(600)

    /// Their number in this period.
    mutating func add(_ more: Int, at now: Timestamp) -> Int {
        if let since, now - since <= Self.period {
            count += more
        } else {
            (since, count) = (now, more)
        }
        return count
    }
}

extension Intake {
    /// For so long after the last sight of it a flood counts as one.
    static let floodMemory = Duration.seconds(600)

    /// Says once who crowds a pad, and once that it is over.
    func noteCrowding(_ station: PadStation, _ collection: ControllerPad.Collection, now: Timestamp) {
        guard collection.looked else { return }
        noteCrowding(station, found: Crowding(collection, at: now), now: now)
    }

    /// Files that were no messages: whoever writes under a new name for each crowds no lane, and crowds the pad all the same.
    func noteJunk(_ station: PadStation, _ count: Int, now: Timestamp) {
        guard count > 0 else { return }
        let sum = station.junk.withLock { $0.add(count, at: now) }
        guard sum > Junk.limit else { return }
        noteCrowding(station, found: Crowding(malformed: sum, at: now), now: now)
    }

    private func noteCrowding(_ station: PadStation, found: Crowding?, now: Timestamp) {
        let (isNew, lanes, ended) = station.crowding.withLock { crowding -> (Bool, [Lane: Int], Bool) in
            guard let found else {
                let ended = crowding.map { now - $0.seenAt > Self.floodMemory } ?? false
                if ended { crowding = nil }
                return (false, [:], ended)
            }
            let before = crowding
            crowding = before.map { found.merged(with: $0) } ?? found
            return (before == nil, found.lanes.filter { before?.lanes[$0.key] == nil }, false)
        }
        let id = station.terms.id
        if ended { logger.notice("the pad is flooded no more", metadata: ["pad": "\(id)"]) }
        guard let found, isNew || !lanes.isEmpty else { return }
        if isNew { logger.warning("\(found.text)", metadata: ["pad": "\(id)"]) }
        Task {
            do {
                try await store.write { try Self.tell(isNew ? found : nil, lanes, id, $0) }
            } catch {
                logger.error("the database did not take a notification", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Why a pad is crowded; nil where it is not.
    package func crowding(of id: PadID) -> String? { station(id)?.crowding.withLock { $0?.text } }

    /// One notification of the pad, and one for each host that suffers, to its customer.
    private static func tell(_ crowding: Crowding?, _ lanes: [Lane: Int], _ pad: PadID, _ transaction: WriteTransaction) throws {
        if let crowding {
            try transaction.notify(
                Notification(kind: .padFlooded, severity: .alarm, accountID: nil, subject: pad.text, text: "pad \(pad): \(crowding.text)"))
            try transaction.audit(
                actor: .pad(pad), action: "pad.flooded", subject: pad.text, outcome: .refused, detail: String(crowding.text.prefix(1_000)))
        }
        for (lane, count) in lanes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(16) {
            guard let host = try transaction.host(on: pad, keyBeginning: lane.bytes) else { continue }
            try transaction.notify(
                Notification(
                    kind: .padFlooded, severity: .alarm, accountID: host.account, subject: host.id.text,
                    text: """
                        \(count) files wait on the pad \(pad) under the name of host \(host.id) (\(host.name)), more than one host may have \
                        there: whoever writes them keeps this host from being heard
                        """))
        }
    }
}
