import Identifiers
import Provider
import Sealing

/// Whose failed guesses are counted together.
package enum GuessSubject: Hashable, Sendable {
    /// The names as they were claimed, known or not: an unknown user waits like a known one.
    case user(account: String, domain: String, user: String)
    case pad(PadID)
    /// A user of the controller's machine, by number, who logs in over the socket.
    case peer(UInt32)
    /// A host's key that is known here, and guesses all the same.
    case key(Fingerprint)

    var kind: String {
        switch self {
        case .user: "user"
        case .pad: "pad"
        case .peer: "peer"
        case .key: "key"
        }
    }

    /// SHA-256 of the names, each with a zero byte behind it.
    var digest: [UInt8] {
        let parts =
            switch self {
            case .user(let account, let domain, let user): [account, domain, user]
            case .pad(let id): [id.text]
            case .peer(let number): [String(number)]
            case .key(let fingerprint): [fingerprint.description]
            }
        return SHA256.digest(parts.flatMap { Array($0.utf8) + [0] })
    }
}

extension ReadTransaction {
    /// What failed before; nil where nothing did, or it is long forgotten.
    package func throttle(_ subject: GuessSubject) throws -> AuthenticationThrottle? {
        let row = try row(
            "SELECT failures, last_at FROM authentication_failures WHERE kind = ? AND subject = ?", subject.kind, subject.digest)
        guard let row else { return nil }
        let throttle = AuthenticationThrottle(failures: try row.integer("failures"), lastFailureAt: try row.timestamp("last_at"))
        return throttle.isForgotten(at: now) ? nil : throttle
    }

    /// The moment until which guesses for that user and from that pad are refused unread; nil: they are looked at now.
    package func guessesWaitUntil(_ subjects: [GuessSubject]) throws -> Timestamp? {
        try subjects.compactMap { try throttle($0)?.waitsUntil(at: now) }.max()
    }
}

extension WriteTransaction {
    /// Counts one wrong guess.
    package func recordFailure(_ subject: GuessSubject) throws {
        let throttle = AuthenticationThrottle.afterFailure(try self.throttle(subject), at: now)
        try execute(
            """
            INSERT INTO authentication_failures (kind, subject, failures, last_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (kind, subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at
            """,
            subject.kind, subject.digest, throttle.failures, throttle.lastFailureAt)
    }

    /// After a right password, or by an administrator's word.
    package func forgetFailures(_ subject: GuessSubject) throws {
        try execute("DELETE FROM authentication_failures WHERE kind = ? AND subject = ?", subject.kind, subject.digest)
    }

    /// Takes back so many wrong guesses: whoever made them knew the password after all.
    package func forgiveFailures(_ subject: GuessSubject, _ count: Int64) throws {
        try execute(
            "DELETE FROM authentication_failures WHERE kind = ? AND subject = ? AND failures <= ?", subject.kind, subject.digest, count)
        try execute(
            "UPDATE authentication_failures SET failures = failures - ? WHERE kind = ? AND subject = ?", count, subject.kind,
            subject.digest)
    }

    /// Removes what is forgotten by now; returns how many rows went. Call it now and then: names that were only guessed leave rows too.
    @discardableResult
    package func removeForgottenFailures() throws -> Int {
        try execute("DELETE FROM authentication_failures WHERE last_at <= ?", now - AuthenticationThrottle.memory)
    }
}
