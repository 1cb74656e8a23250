import Identifiers

/// A login that lasts: who somebody is until it ends. Its token is no part of this value, and is kept nowhere.
package struct Session: Equatable, Sendable {
    package let userID: UserID
    package let accountID: AccountID
    package let domainID: DomainID
    /// The domain's name.
    package let domain: String
    package let user: String
    package let role: Role
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        userID: UserID, accountID: AccountID, domainID: DomainID, domain: String, user: String, role: Role, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.userID = userID
        self.accountID = accountID
        self.domainID = domainID
        self.domain = domain
        self.user = user
        self.role = role
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// From login to end; it is not drawn out by use.
    package static let lifetime: Duration = .seconds(12 * 3_600)
    /// Of one user at a time; the oldest ends for a further one.
    package static let maximumPerUser = 16

    /// A new session's token: `qms-` and 52 characters of lower-case base 32, 260 random bits. Shown once, and kept only as its SHA-256.
    package static func randomToken(using generator: inout some RandomNumberGenerator) -> String {
        "qms-" + RandomText.characters(52, using: &generator)
    }
}
