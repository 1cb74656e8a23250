import Identifiers

/// Registers a fleet in place of user and password: limited in uses and time, revocable.
package struct EnrolmentToken: Equatable, Sendable {
    package enum State: String, Sendable {
        case usable, expired, revoked
        case usedUp = "used-up"
    }

    package let id: TokenID
    package let accountID: AccountID
    package let domainID: DomainID
    package let useLimit: Int64
    package let uses: Int64
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let revokedAt: Timestamp?
    /// Who made it, as an `Actor`.
    package let madeBy: String

    package init(
        id: TokenID, accountID: AccountID, domainID: DomainID, useLimit: Int64, uses: Int64, createdAt: Timestamp, expiresAt: Timestamp,
        revokedAt: Timestamp?, madeBy: String
    ) {
        self.id = id
        self.accountID = accountID
        self.domainID = domainID
        self.useLimit = useLimit
        self.uses = uses
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.madeBy = madeBy
    }

    package static let maximumUses: Int64 = 1_000_000
    package static let lifetimes: ClosedRange<Duration> = .seconds(60)...Duration.seconds(366 * 86_400)

    package func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        if now >= expiresAt { return .expired }
        return uses >= useLimit ? .usedUp : .usable
    }

    /// A new token's text: `qmt-` and 52 characters of lower-case base 32, 260 random bits. Shown once, and kept only as its SHA-256.
    package static func randomText(using generator: inout some RandomNumberGenerator) -> String {
        "qmt-" + RandomText.characters(52, using: &generator)
    }
}
