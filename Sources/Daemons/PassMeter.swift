import Metrics

/// What every daemon counts alike: its passes, how they ended, and how long they took.
package struct PassMeter: Sendable {
    private let passes: [Outcome: Counter]
    private let duration: Timer

    private enum Outcome: String, CaseIterable { case done, failed }

    /// - Parameter daemon: the label's value, e.g. `intake`.
    package init(daemon: String, metrics: any MetricsFactory) {
        passes = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                let dimensions = [("daemon", daemon), ("outcome", $0.rawValue)]
                return ($0, Counter(label: "quartermaster_daemon_passes_total", dimensions: dimensions, factory: metrics))
            })
        duration = Timer(label: "quartermaster_daemon_pass_duration_seconds", dimensions: [("daemon", daemon)], factory: metrics)
    }

    /// For `ended`.
    package func begin() -> ContinuousClock.Instant { .now }

    package func ended(_ begun: ContinuousClock.Instant, failed: Bool) {
        passes[failed ? .failed : .done]?.increment()
        let (seconds, attoseconds) = (ContinuousClock.now - begun).components
        duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// What waits in a daemon's queue, or is under way.
package struct QueueLength: Equatable, Sendable {
    package let daemon: String
    package let queue: String
    package let length: Int

    package init(daemon: String, queue: String, length: Int) {
        self.daemon = daemon
        self.queue = queue
        self.length = length
    }
}
