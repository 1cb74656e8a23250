import Identifiers
import Provider
import Synchronization

/// How much each sender is heard and reminded. In memory: a restart begins with full buckets.
final class SenderLimits: Sendable {
    private struct Buckets {
        var messages: RateLimit
        var bytes: RateLimit
        var reminders: RateLimit
    }

    private let configuration: IntakeConfiguration
    private let buckets = Mutex<[Fingerprint: Buckets]>([:])
    /// Beyond so many senders, those whose buckets are full are forgotten.
    private let capacity: Int

    init(_ configuration: IntakeConfiguration, capacity: Int = 50_000) {
        self.configuration = configuration
        self.capacity = capacity
    }

    /// False where the sender has sent more than its share.
    func admit(_ sender: Fingerprint, bytes: Int, now: Timestamp) -> Bool {
        with(sender, now: now) { buckets in
            buckets.messages.take(now: now) && buckets.bytes.take(Double(bytes), now: now)
        }
    }

    /// False where the sender was told often enough what it does wrong.
    func mayRemind(_ sender: Fingerprint, now: Timestamp) -> Bool {
        with(sender, now: now) { $0.reminders.take(now: now) }
    }

    private func with<Value: Sendable>(_ sender: Fingerprint, now: Timestamp, _ body: (inout sending Buckets) -> sending Value) -> Value {
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
                    reminders: RateLimit(capacity: configuration.remindersPerSender, per: period, now: now))
            let value = body(&own)
            all[sender] = own
            return value
        }
    }
}
