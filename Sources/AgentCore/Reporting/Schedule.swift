/// When one registration has something to do, on a clock that only goes forward. There is one time to wake at, and none between.
package struct Schedule: Equatable, Sendable {
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
    private var eventsSince: Duration?

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
        compareAt = regular > now && eventsSince == nil ? regular : now + interval
        eventsSince = nil
    }

    /// An exchange was done. While something is unanswered the pad is looked at again after `pause`; otherwise with the next comparing.
    package mutating func exchanged(now: Duration, pause: Duration?) {
        exchangeAt = pause.map { now + $0 }
    }

    /// A device came, went or changed: told `settle` later, together with all that happens until then.
    package mutating func deviceEvent(now: Duration, settle: Duration) {
        guard eventsSince == nil else { return }
        eventsSince = now
        compareAt = min(compareAt, now + settle)
    }

    /// The interval became another one.
    package mutating func changeInterval(now: Duration, to interval: Duration) {
        compareAt = min(compareAt, now + interval)
    }
}
