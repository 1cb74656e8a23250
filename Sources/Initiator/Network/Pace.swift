/// Holds back what is asked of addresses that do not answer: each attempt takes a token, and an answer, whichever it is, gives it back.
///
/// Silent addresses are what fills a firewall's table of half-open connections, and on the host's own networks the kernel's table of
/// neighbours (three seconds for each: arp(7), `mcast_solicit` and `retrans_time`). Those that answer hold the next attempt back
/// no longer than they take.
package struct Pace: Sendable {
    private let capacity: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var filledAt: Int64

    /// - Parameters:
    ///   - capacity: as many may go together.
    ///   - perSecond: as many unanswered ones are forgotten in a second.
    ///   - now: nanoseconds of any clock that does not go back.
    package init(capacity: Int, perSecond: Int, now: Int64) {
        self.capacity = Double(max(capacity, 1))
        perNanosecond = Double(max(perSecond, 1)) / 1e9
        (tokens, filledAt) = (self.capacity, now)
    }

    /// Whether one more may go now; it has gone then.
    package mutating func take(now: Int64) -> Bool {
        if tokens < 1 {
            tokens = min(capacity, tokens + Double(now - filledAt) * perNanosecond)
            filledAt = now
            if tokens < 1 { return false }
        } else if tokens == capacity {
            filledAt = now
        }
        tokens -= 1
        return true
    }

    /// An attempt was answered.
    package mutating func giveBack() { tokens = min(capacity, tokens + 1) }

    /// When the next may go, where none may now.
    package var nextAt: Int64 { filledAt + Int64((max(0, 1 - tokens) / perNanosecond).rounded(.up)) }
}
