import Identifiers
import Synchronization

/// A time of day that passes when it is told to.
package final class ManualClock: Sendable {
    private let time: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(seconds: 1_795_246_200)) { time = Mutex(start) }

    package var now: Timestamp { time.withLock { $0 } }

    package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }

    /// For whoever takes a clock as a function.
    package var read: @Sendable () -> Timestamp { { self.now } }
}
