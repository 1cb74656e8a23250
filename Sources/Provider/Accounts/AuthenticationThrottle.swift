import Identifiers

/// Wrong guesses for one user, or from one pad. The first ten are free; after each further one, guesses are refused unread for longer and
/// longer: 1 s, 2 s, 4 s … up to an hour. Guesses refused so do not count. Nobody is made to wait who shows a token or a known key.
package struct AuthenticationThrottle: Equatable, Sendable {
    package let failures: Int64
    package let lastFailureAt: Timestamp

    package init(failures: Int64, lastFailureAt: Timestamp) {
        self.failures = failures
        self.lastFailureAt = lastFailureAt
    }

    package static let freeFailures: Int64 = 10
    package static let longestWait: Duration = .seconds(3_600)
    /// After so long without a failure, all are forgotten.
    package static let memory: Duration = .seconds(86_400)

    /// The wait that follows the failure of that number.
    package static func wait(afterFailures failures: Int64) -> Duration {
        guard failures > freeFailures else { return .zero }
        let exponent = failures - freeFailures - 1
        return exponent >= 12 ? longestWait : min(.seconds(1 << exponent), longestWait)
    }

    /// The moment from which on a guess is looked at again; nil: at once.
    package func waitsUntil(at now: Timestamp) -> Timestamp? {
        guard !isForgotten(at: now) else { return nil }
        let until = lastFailureAt + Self.wait(afterFailures: failures)
        return until > now ? until : nil
    }

    package func isForgotten(at now: Timestamp) -> Bool { now >= lastFailureAt + Self.memory }

    /// After one more failure; `nil` before the first.
    package static func afterFailure(_ before: AuthenticationThrottle?, at now: Timestamp) -> AuthenticationThrottle {
        guard let before, !before.isForgotten(at: now) else { return AuthenticationThrottle(failures: 1, lastFailureAt: now) }
        // A clock that went back does not shorten a wait.
        return AuthenticationThrottle(failures: before.failures + 1, lastFailureAt: max(now, before.lastFailureAt))
    }
}
