import Synchronization

/// Keeps a daemon that runs for years from filling the journal: the same text is said a few times in an hour, and of anything else there are
/// so many lines and no more. What was left out is counted, and the count is told.
package final class LogLimit: Sendable {
    /// The same text is told so often in this time.
    private static let period = Duration.seconds(3_600)
    private static let sayings = 4
    /// As many lines may come together; one more each `refill`.
    private static let burst = 100
    private static let refill = Duration.seconds(10)
    private static let capacity = 512

    private struct Seen {
        var since: Duration
        var said = 1
        var repeated = 0
    }

    private struct Values {
        var seen: [String: Seen] = [:]
        var tokens = LogLimit.burst
        var refilledAt: Duration
        var left = 0
    }

    private let clock: HostClock
    private let values: Mutex<Values>

    package init(clock: HostClock) {
        self.clock = clock
        values = Mutex(Values(refilledAt: clock.uptime()))
    }

    /// The lines to write now for this text: none, itself, or itself with what was left out since.
    func pass(_ text: String) -> [String] {
        let now = clock.uptime()
        return values.withLock { values in
            var said = text
            if var seen = values.seen[text] {
                if now - seen.since < Self.period {
                    let isSaid = seen.said < Self.sayings && values.tokens > 0
                    if isSaid {
                        seen.said += 1
                        values.tokens -= 1
                    } else {
                        seen.repeated += 1
                    }
                    values.seen[text] = seen
                    return isSaid ? [text] : []
                }
                if seen.repeated > 0 { said += " (\(seen.repeated) times more since it was said last)" }
            }
            let refills = Int((now - values.refilledAt) / Self.refill)
            if refills > 0 {
                values.tokens = min(Self.burst, values.tokens + refills)
                values.refilledAt = now
            }
            guard values.tokens > 0 else {
                values.left += 1
                return []
            }
            values.tokens -= 1
            if values.seen.count >= Self.capacity, let oldest = values.seen.min(by: { $0.value.since < $1.value.since })?.key {
                values.seen[oldest] = nil
            }
            values.seen[text] = Seen(since: now)
            guard values.left > 0 else { return [said] }
            defer { values.left = 0 }
            return ["\(values.left) messages were left out: too many came together", said]
        }
    }
}
