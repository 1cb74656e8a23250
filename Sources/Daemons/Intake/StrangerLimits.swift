import Identifiers
import Provider
import Synchronization

/// How much the keys of nobody may cost each pad: a stranger makes a new key for each message, so that limits of one sender mean nothing to it.
///
/// What a pad's strangers are refused, in number and bytes, is taken from the pad's buckets; a registration that is accepted costs nothing.
/// While a bucket is empty, strangers are left unanswered, and hosts are heard as ever. In memory: a restart begins with full buckets.
final class StrangerLimits: Sendable {
    /// What was not written to the audit trail one by one.
    struct Sum: Equatable, Sendable {
        var refused = 0
        var dropped = 0
        let since: Timestamp
    }

    private struct Buckets {
        var messages: RateLimit
        var bytes: RateLimit
        var audits: RateLimit
        var sum: Sum?

        /// Whether there is enough; nothing is taken.
        func has(_ count: Int, _ size: Int, now: Timestamp) -> Bool {
            var (messages, bytes) = (messages, bytes)
            return messages.take(Double(count), now: now) && bytes.take(Swift.min(Double(size), bytes.capacity), now: now)
        }
    }

    private let configuration: IntakeConfiguration
    private let pads = Mutex<[PadID: Buckets]>([:])
    /// Keys that belong to hosts: they never become strangers again.
    private let hosts = Mutex<Set<Fingerprint>>([])
    private static let capacity = 100_000

    init(_ configuration: IntakeConfiguration) { self.configuration = configuration }

    // MARK: Who is a stranger

    func isKnown(_ key: Fingerprint) -> Bool { hosts.withLock { $0.contains(key) } }

    func note(hosts keys: some Sequence<Fingerprint>) {
        hosts.withLock { hosts in
            if hosts.count >= Self.capacity { hosts.removeAll() }
            hosts.formUnion(keys)
        }
    }

    // MARK: What they cost

    /// Which of these messages of strangers are looked at; those that are not are counted. Nothing is taken yet: see `charge`.
    ///
    /// - Returns: for each whether it is, and the pads whose strangers are left unanswered from now on.
    func admit(_ messages: [(pad: PadID, bytes: Int)], now: Timestamp) -> (admitted: [Bool], closed: [PadID]) {
        pads.withLock { pads in
            // What the ones before it in this batch would cost.
            var spent: [PadID: (messages: Int, bytes: Int)] = [:]
            var closed: [PadID] = []
            var admitted: [Bool] = []
            for message in messages {
                var own = pads[message.pad] ?? buckets(now)
                let before = spent[message.pad] ?? (0, 0)
                let cost = (messages: before.messages + 1, bytes: before.bytes + message.bytes)
                let isAdmitted = own.has(cost.messages, cost.bytes, now: now)
                if isAdmitted {
                    spent[message.pad] = cost
                } else {
                    if own.sum?.dropped ?? 0 == 0 { closed.append(message.pad) }
                    own.sum = own.sum ?? Sum(since: now)
                    own.sum?.dropped += 1
                }
                pads[message.pad] = own
                admitted.append(isAdmitted)
            }
            return (admitted, closed)
        }
    }

    /// A stranger was refused.
    func charge(_ pad: PadID, bytes: Int, now: Timestamp) {
        pads.withLock { pads in
            var own = pads[pad] ?? buckets(now)
            _ = own.messages.take(now: now)
            _ = own.bytes.take(Double(bytes), now: now)
            pads[pad] = own
        }
    }

    // MARK: What is said of them

    /// Whether the refusal of a stranger gets an entry of its own in the audit trail; otherwise it is counted.
    func mayAudit(_ pad: PadID, now: Timestamp) -> Bool {
        pads.withLock { pads in
            var own = pads[pad] ?? buckets(now)
            defer { pads[pad] = own }
            if own.audits.take(now: now) { return true }
            own.sum = own.sum ?? Sum(since: now)
            own.sum?.refused += 1
            return false
        }
    }

    /// What was counted and not said yet.
    func takeSums() -> [PadID: Sum] {
        pads.withLock { pads in
            let sums = pads.compactMapValues(\.sum)
            for pad in sums.keys { pads[pad]?.sum = nil }
            return sums
        }
    }

    private func buckets(_ now: Timestamp) -> Buckets {
        let period = configuration.strangerPeriod
        return Buckets(
            messages: RateLimit(capacity: configuration.strangersPerPad, per: period, now: now),
            bytes: RateLimit(capacity: configuration.strangerBytesPerPad, per: period, now: now),
            audits: RateLimit(capacity: configuration.strangerAuditsPerPad, per: period, now: now))
    }
}
