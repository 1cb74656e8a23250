/// When one registration has something to do, on a clock that only goes forward. There is one time to wake at, and none between.
package struct Schedule: Sendable {
    /// What is to be done at a time.
    package struct Work: OptionSet, Hashable, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// Read the facts, and tell what changed.
        package static let compare = Work(rawValue: 1)
        /// Look for answers and instructions; publish again what is overdue.
        package static let exchange = Work(rawValue: 2)
    }

    private var compareAt: Duration
    private var exchangeAt: Duration?
    /// When the first event came that is not told yet.
    private var gatheringSince: Duration?

    /// Both are due at once.
    package init(now: Duration) { compareAt = now }

    /// What is due now. Comparing includes an exchange.
    package func due(now: Duration) -> Work {
        if now >= compareAt { return [.compare, .exchange] }
        if let exchangeAt, now >= exchangeAt { return .exchange }
        return []
    }

    /// The time to wake at.
    package var next: Duration { min(compareAt, exchangeAt ?? compareAt) }

    /// Comparing was done: the next is an interval later, counted from when this one was due, so that the time it took does not add up.
    package mutating func compared(now: Duration, interval: Duration) {
        let regular = compareAt + interval
        compareAt = regular > now && !isGathering ? regular : now + interval
        gatheringSince = nil
    }

    /// An exchange was done. While something is unanswered the pad is looked at again after `pause`; otherwise with the next comparing.
    package mutating func exchanged(now: Duration, pause: Duration?) {
        exchangeAt = pause.map { now + $0 }
    }

    /// A device came, went or changed: told when it has been quiet for `settle`, and `limit` after the first event at the latest, together with
    /// all that happened until then. What is due at the interval meanwhile waits for that: it would tell one half of the change.
    package mutating func deviceEvent(now: Duration, settle: Duration, limit: Duration) {
        let since = gatheringSince ?? now
        gatheringSince = since
        compareAt = min(now + settle, since + max(limit, settle))
    }

    /// True from an event until what changed was told.
    package var isGathering: Bool { gatheringSince != nil }

    /// Whether what is found now may still be told later, together with what follows it. A `settle` of nothing waits for nothing.
    package func mayWait(now: Duration, settle: Duration, limit: Duration) -> Bool {
        settle > .zero && now < (gatheringSince ?? now) + max(limit, settle)
    }

    /// The interval became another one.
    package mutating func changeInterval(now: Duration, to interval: Duration) {
        compareAt = min(compareAt, now + interval)
    }
}
