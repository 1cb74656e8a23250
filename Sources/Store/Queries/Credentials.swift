import Identifiers
import Provider

/// All that decides whether a login may be used, read at once.
package struct CredentialRecord: Equatable, Sendable {
    package let userID: UserID
    package let accountID: AccountID
    package let domainID: DomainID
    package let role: Role
    package let userState: User.State
    package let accountState: Account.State
    package let passwordHash: String?
    /// Nil where the account has no contract yet.
    package let contractState: Contract.State?
    /// When an administrator unlocked it last.
    package let unlockedAt: Timestamp?

    /// Whether guesses of others, from the same pad or user of the machine, do not make this login wait: an administrator vouched for it.
    package func isUnlocked(at now: Timestamp) -> Bool {
        guard let unlockedAt else { return false }
        return now - unlockedAt < AuthenticationThrottle.memory
    }
}

extension ReadTransaction {
    /// Nil for an unknown account, domain or user alike.
    package func credential(account: String, domain: String, user: String) throws -> CredentialRecord? {
        let found = try row(
            """
            SELECT users.id, users.account_id, users.domain_id, users.role, users.state, users.password_hash, users.unlocked_at,
              accounts.state AS account_state
            FROM domains JOIN users ON users.domain_id = domains.id JOIN accounts ON accounts.id = domains.account_id
            WHERE domains.account_id = ? AND domains.name = ? AND users.name = ?
            """,
            account, domain, user)
        guard let found else { return nil }
        let accountID: AccountID = try found.identifier("account_id")
        return CredentialRecord(
            userID: try found.identifier("id"), accountID: accountID, domainID: try found.identifier("domain_id"),
            role: try found.raw("role"), userState: try found.raw("state"), accountState: try found.raw("account_state"),
            passwordHash: try found.optionalText("password_hash"), contractState: try contractState(accountID),
            unlockedAt: try found.optionalTimestamp("unlocked_at"))
    }

    /// Whether the contract in force holds now; nil where there is none.
    package func contractState(_ account: AccountID) throws -> Contract.State? {
        let row = try row("SELECT starts_at, ends_at FROM contracts WHERE account_id = ? ORDER BY revision DESC LIMIT 1", account)
        guard let row else { return nil }
        return Contract.state(startsAt: try row.timestamp("starts_at"), endsAt: try row.optionalTimestamp("ends_at"), at: now)
    }
}
