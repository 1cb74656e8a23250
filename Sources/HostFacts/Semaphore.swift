import Glibc

/// A counting semaphore (sem_overview(7)) that can be waited for until a point in time.
final class Semaphore: @unchecked Sendable {
    // Unchecked: sem_t is made to be used by several threads at once, at one address that does not move.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    /// False where the time came first.
    func wait(until end: ContinuousClock.Instant) -> Bool {
        // sem_timedwait's clock is the real-time one: a step of it makes one wait longer or shorter, and the caller looks at its own
        // clock again.
        while true {
            let left = max(.zero, end - ContinuousClock.now)
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let (seconds, attoseconds) = left.components
            var nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
            time.tv_sec += Int(seconds)
            if nanoseconds >= 1_000_000_000 {
                nanoseconds -= 1_000_000_000
                time.tv_sec += 1
            }
            time.tv_nsec = Int(nanoseconds)
            if sem_timedwait(semaphore, &time) == 0 { return true }
            if errno != EINTR { return false }
        }
    }
}
