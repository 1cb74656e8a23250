import Identifiers

/// A bucket of tokens that fills at a steady rate: how often a sender is heard, or told the same thing.
package struct RateLimit: Equatable, Sendable {
    package let capacity: Double
    /// Tokens a second.
    package let rate: Double
    private var level: Double
    private var filledAt: Timestamp

    package init(capacity: Int, per period: Duration, now: Timestamp) {
        self.capacity = Double(capacity)
        rate = Double(capacity) / Swift.max(Self.seconds(period), 1e-6)
        level = Double(capacity)
        filledAt = now
    }

    /// Takes `amount`; false, and nothing taken, where there is not enough.
    package mutating func take(_ amount: Double = 1, now: Timestamp) -> Bool {
        let passed = Swift.max(0, Self.seconds(now - filledAt))
        level = Swift.min(capacity, level + passed * rate)
        filledAt = Swift.max(filledAt, now)
        guard level >= amount else { return false }
        level -= amount
        return true
    }

    /// How long until `amount` is there; at most the time that filling the whole bucket takes.
    package func wait(for amount: Double = 1, now: Timestamp) -> Duration {
        let level = Swift.min(capacity, level + Swift.max(0, Self.seconds(now - filledAt)) * rate)
        return .seconds(Swift.max(0, Swift.min(amount, capacity) - level) / rate)
    }

    /// Full again: it can be forgotten.
    package func isFull(now: Timestamp) -> Bool { level + Self.seconds(now - filledAt) * rate >= capacity }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
