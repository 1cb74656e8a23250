import Identifiers
import Provider
import Synchronization

/// How much each sender on a pad is heard and reminded. In memory: a restart begins with full buckets.
final class SenderLimits: Sendable {
    /// By pad, so that who copies a sender's messages on one pad does not silence it on another.
    struct Sender: Hashable, Sendable {
        let pad: PadID
        let key: Fingerprint
    }

    enum Verdict: Sendable, Equatable {
        case admitted
        /// More than its share; `isTold` where it may be told so now, which it is seldom.
        case over(retryAfter: Duration, isTold: Bool)
    }

    private struct Buckets {
        var messages: RateLimit
        var bytes: RateLimit
        var reminders: RateLimit
        var notices: RateLimit
    }

    private let configuration: IntakeConfiguration
    private let buckets = Mutex<[Sender: Buckets]>([:])
    /// Beyond so many senders, those whose buckets are full are forgotten.
    private let capacity: Int

    init(_ configuration: IntakeConfiguration, capacity: Int = 50_000) {
        self.configuration = configuration
        self.capacity = capacity
    }

    /// Whether one more message of the sender is looked at.
    func admit(_ sender: Sender, bytes: Int, now: Timestamp) -> Verdict {
        with(sender, now: now) { buckets in
            if buckets.messages.take(now: now), buckets.bytes.take(Double(bytes), now: now) { return .admitted }
            let wait = max(buckets.messages.wait(now: now), buckets.bytes.wait(for: Double(bytes), now: now))
            return .over(retryAfter: wait, isTold: buckets.notices.take(now: now))
        }
    }

    /// False where the sender was told often enough what it does wrong.
    func mayRemind(_ sender: Sender, now: Timestamp) -> Bool {
        with(sender, now: now) { $0.reminders.take(now: now) }
    }

    private func with<Value: Sendable>(_ sender: Sender, now: Timestamp, _ body: (inout sending Buckets) -> sending Value) -> Value {
        buckets.withLock { all in
            if all.count >= capacity, all[sender] == nil {
                all = all.filter { !$0.value.messages.isFull(now: now) || !$0.value.reminders.isFull(now: now) }
                if all.count >= capacity { all.removeAll() }
            }
            let period = configuration.senderPeriod
            var own =
                all[sender]
                ?? Buckets(
                    messages: RateLimit(capacity: configuration.messagesPerSender, per: period, now: now),
                    bytes: RateLimit(capacity: configuration.bytesPerSender, per: period, now: now),
                    reminders: RateLimit(capacity: configuration.remindersPerSender, per: period, now: now),
                    notices: RateLimit(capacity: configuration.limitNoticesPerSender, per: period, now: now))
            let value = body(&own)
            all[sender] = own
            return value
        }
    }
}
