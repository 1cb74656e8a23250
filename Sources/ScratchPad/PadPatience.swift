import Glibc

/// How long a call on a pad is waited for.
package struct PadPatience: Sendable {
    /// The calls of this process that are under way, or were given up.
    package let calls: PadCalls
    /// For one call.
    package var limit: Duration
    /// A point in time after which no call is waited for, nil for none.
    package var end: ContinuousClock.Instant?
    /// Whether somebody wants this process to end: what is under way is then given a second more. `descriptor` becomes readable where
    /// `isWanted` may have changed.
    package var stop: Stop?

    package struct Stop: Sendable {
        package let descriptor: Int32
        package let isWanted: @Sendable () -> Bool

        package init(descriptor: Int32, isWanted: @escaping @Sendable () -> Bool) {
            self.descriptor = descriptor
            self.isWanted = isWanted
        }
    }

    package init(limit: Duration = .seconds(10), calls: PadCalls = PadCalls()) {
        self.limit = limit
        self.calls = calls
    }

    /// When a call that begins now is given up.
    func deadline(from now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let latest = now + limit
        return end.map { min($0, latest) } ?? latest
    }

    /// Waits until `descriptor` is readable; false where the patience is over first.
    func wait(for descriptor: Int32) -> Bool {
        var deadline = deadline(from: .now)
        var watched = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if let stop { watched.append(pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)) }
        while true {
            let left = max(.zero, deadline - .now).components
            let milliseconds = Int32(clamping: left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1)
            let count = poll(&watched, nfds_t(watched.count), milliseconds)
            if watched[0].revents != 0 { return true }
            if count == 0, ContinuousClock.now >= deadline { return false }
            if watched.count > 1, watched[1].revents != 0 {
                if stop?.isWanted() == true { deadline = min(deadline, .now + .seconds(1)) }
                // Another signal waits there too: it is not this wait's to take.
                watched.removeLast()
            }
        }
    }
}
