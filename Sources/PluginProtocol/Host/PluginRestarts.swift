/// When a plug-in that ended badly is started again: each pause is twice the one before, until it has worked.
package struct PluginRestarts: Equatable, Sendable {
    package let limits: PluginLimits
    private var failures = 0
    /// Until when it is not started, and why.
    package private(set) var pause: Pause?

    package struct Pause: Equatable, Sendable {
        package let until: Duration
        package let because: String
    }

    package init(limits: PluginLimits) { self.limits = limits }

    /// - Parameter hasWorked: it answered more than `initialize` this time, so that the pauses begin anew.
    package mutating func failed(at now: Duration, hasWorked: Bool, because: String) {
        if hasWorked { failures = 0 }
        var length = limits.firstPause
        for _ in 0..<failures where length < limits.longestPause { length = length * 2 }
        failures += 1
        pause = Pause(until: now + min(length, limits.longestPause), because: because)
    }

    /// Nil where it may be started now.
    package func refusal(at now: Duration) -> PluginCallError? {
        guard let pause, pause.until > now else { return nil }
        return .paused(remaining: pause.until - now, because: pause.because)
    }
}
