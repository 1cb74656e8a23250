import Glibc

/// The kernel's monotonic clock, since the machine's start.
enum MonotonicTime {
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Milliseconds for poll(2), rounded up; -1 for none.
    static func milliseconds(until deadline: Duration?) -> Int32 {
        guard let deadline else { return -1 }
        let components = (deadline - now).components
        if components.seconds < 0 || (components.seconds == 0 && components.attoseconds <= 0) { return 0 }
        return Int32(min(components.seconds, 3600) * 1000 + components.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
