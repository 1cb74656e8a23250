import Identifiers
import Provider
import Store
import Synchronization

/// Wrong guesses that were found but not written yet: between the answer of `Authentication.verify` and the transaction that keeps it,
/// further guesses must already wait. Bounded; what falls out of it is in the database by then.
final class GuessLedger: Sendable {
    private let throttles = Mutex<[GuessSubject: AuthenticationThrottle]>([:])
    private let capacity: Int

    init(capacity: Int = 10_000) { self.capacity = capacity }

    /// What is known of a subject: the larger count of this and the database's.
    func throttle(_ subject: GuessSubject, stored: AuthenticationThrottle?) -> AuthenticationThrottle? {
        let recent = throttles.withLock { $0[subject] }
        guard let recent, let stored else { return recent ?? stored }
        return recent.failures > stored.failures ? recent : stored
    }

    func recordFailure(_ subject: GuessSubject, stored: AuthenticationThrottle?, at now: Timestamp) {
        throttles.withLock { throttles in
            let recent = throttles[subject]
            let before = [recent, stored].compactMap(\.self).max { $0.failures < $1.failures }
            if throttles.count >= capacity, recent == nil { throttles.removeAll() }
            throttles[subject] = .afterFailure(before, at: now)
        }
    }

    /// Takes back so many wrong guesses.
    func forgive(_ subject: GuessSubject, _ count: Int64) {
        throttles.withLock { throttles in
            guard let before = throttles[subject] else { return }
            let rest = before.failures - count
            throttles[subject] = rest > 0 ? AuthenticationThrottle(failures: rest, lastFailureAt: before.lastFailureAt) : nil
        }
    }

    func forget(_ subject: GuessSubject) {
        throttles.withLock { _ = $0.removeValue(forKey: subject) }
    }
}
