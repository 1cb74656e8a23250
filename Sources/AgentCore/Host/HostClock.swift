import Glibc
import Identifiers

/// The two clocks and the pause that the agent uses; a test gives its own.
package struct HostClock: Sendable {
    /// The time of day: may be wrong, and may jump.
    package var now: @Sendable () -> Timestamp
    /// Since boot, sleep included; only goes forward.
    package var uptime: @Sendable () -> Duration
    package var pause: @Sendable (Duration) -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration, pause: @escaping @Sendable (Duration) -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.pause = pause
    }

    package static let system = HostClock(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
        },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        pause: { duration in
            var rest = timespec(
                tv_sec: Int(duration.components.seconds), tv_nsec: Int(duration.components.attoseconds / 1_000_000_000))
            // A signal cuts the pause short: whoever waits looks again.
            nanosleep(&rest, nil)
        })
}
