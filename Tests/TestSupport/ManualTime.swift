import Identifiers
import Synchronization

/// A clock that stands until it is moved.
package final class ManualTime: Sendable {
    private let time: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(seconds: 1_795_248_000)) { time = Mutex(start) }

    package var now: Timestamp { time.withLock { $0 } }
    package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
    package func set(_ moment: Timestamp) { time.withLock { $0 = moment } }

    /// For what takes its clock as a function.
    package var clock: @Sendable () -> Timestamp { { self.now } }
}
