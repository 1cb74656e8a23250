import Identifiers

/// When an unanswered message is published again, under a new name.
package enum Backoff {
    private static let shortest = Duration.seconds(5)
    private static let longest = Duration.seconds(3_600)

    /// The pause after the publication number `attempts` (from 1): ten polls of the provider, at least five seconds, doubled each time,
    /// at most an hour.
    package static func pause(attempts: Int, poll: Duration) -> Duration {
        var pause = max(poll * 10, shortest)
        for _ in 1..<max(attempts, 1) {
            pause *= 2
            if pause >= longest { return longest }
        }
        return min(pause, longest)
    }

    /// True where `message` is to be published now: it never was, or its pause is over, or the clock went back behind it. Where a person
    /// asked, the pause is the first one.
    package static func isDue(_ message: OutgoingMessage, now: Timestamp, poll: Duration, isAsked: Bool = false) -> Bool {
        guard let publishedAt = message.publishedAt else { return true }
        return now < publishedAt || now - publishedAt >= pause(attempts: isAsked ? 1 : message.attempts, poll: poll)
    }

    /// How often answers are looked for while something is unanswered: at first four times in the provider's interval, then, as time goes,
    /// an eighth of the time waited so far, at most `longest`.
    package static func look(waited: Duration, poll: Duration, longest: Duration) -> Duration {
        min(max(poll / 4, waited / 8, .milliseconds(50)), longest)
    }
}
