import Identifiers
import Provider

extension ReadTransaction {
    /// By the SHA-256 of its token: the time that finding it takes says nothing about a token's text. Nil for one that is unknown, over,
    /// of a disabled user or of a closed account.
    package func session(digest: [UInt8]) throws -> Session? {
        try row(
            """
            SELECT s.created_at, s.expires_at, u.id, u.account_id, u.domain_id, u.name, u.role, d.name AS domain
            FROM sessions s JOIN users u ON u.id = s.user_id JOIN domains d ON d.id = u.domain_id JOIN accounts a ON a.id = u.account_id
            WHERE s.digest = ? AND s.expires_at > ? AND u.state = 'enabled' AND a.state = 'open'
            """, digest, now
        ).map { row in
            Session(
                userID: try row.identifier("id"), accountID: try row.identifier("account_id"), domainID: try row.identifier("domain_id"),
                domain: try row.text("domain"), user: try row.text("name"), role: try row.raw("role"),
                createdAt: try row.timestamp("created_at"), expiresAt: try row.timestamp("expires_at"))
        }
    }
}

extension WriteTransaction {
    /// Lets a user in, whose password was right. `digest` is the SHA-256 of the token, which is kept nowhere. Sessions of the same user
    /// beyond `Session.maximumPerUser` end, the oldest first.
    package func openSession(user id: UserID, digest: [UInt8], from peer: String) throws -> Session {
        let user = try existingUser(id)
        try execute(
            "INSERT INTO sessions (digest, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)", digest, id, now, now + Session.lifetime)
        try execute(
            """
            DELETE FROM sessions WHERE user_id = ?1 AND digest NOT IN
              (SELECT digest FROM sessions WHERE user_id = ?1 ORDER BY created_at DESC LIMIT ?2)
            """, id, Session.maximumPerUser)
        try audit(
            actor: .user(id), action: "session.open", subject: id.text, detail: "from=\(peer) expires=\(now + Session.lifetime)",
            account: user.accountID)
        guard let session = try session(digest: digest) else { throw AccountError.unknown(what: "user", name: id.text) }
        return session
    }

    /// Ends one session, by whoever holds it.
    package func closeSession(digest: [UInt8]) throws {
        guard let ended = try row("DELETE FROM sessions WHERE digest = ? RETURNING user_id", digest) else { return }
        let id: UserID = try ended.identifier("user_id")
        try audit(actor: .user(id), action: "session.close", subject: id.text, account: existingUser(id).accountID)
    }

    /// Ends every session of a user: it was disabled, or its password set.
    func endSessions(of user: UserID) throws { try execute("DELETE FROM sessions WHERE user_id = ?", user) }

    /// A database that was brought back knows sessions that may have ended since: none of them holds.
    func endAllSessions() throws { try execute("DELETE FROM sessions") }

    /// Removes those that are over. Returns how many went, at most `limit`.
    package func forgetSessions(limit: Int = 1_000) throws -> Int {
        try execute("DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE expires_at <= ? LIMIT ?)", now, limit)
    }
}
