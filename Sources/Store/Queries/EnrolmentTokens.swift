import Identifiers
import Provider

/// What a token is good for when it is shown.
package enum TokenUse: Equatable, Sendable {
    /// Counted, and to be registered under.
    case consumed(EnrolmentToken)
    /// No token has that text.
    case unknown
    /// Expired, revoked or used up.
    case spent(EnrolmentToken, EnrolmentToken.State)
}

extension ReadTransaction {
    package func token(_ id: TokenID) throws -> EnrolmentToken? {
        try row("SELECT * FROM enrolment_tokens WHERE id = ?", id).map(EnrolmentToken.init(row:))
    }

    /// By the SHA-256 of its text: what is compared is not the secret, so that the time it takes teaches nothing about one.
    package func token(digest: [UInt8]) throws -> EnrolmentToken? {
        try row("SELECT * FROM enrolment_tokens WHERE digest = ?", digest).map(EnrolmentToken.init(row:))
    }

    /// By ID, of one account or of all.
    package func tokens(account: AccountID? = nil, _ request: PageRequest = PageRequest()) throws -> Page<EnrolmentToken> {
        guard let account else {
            return try page(
                "SELECT * FROM enrolment_tokens WHERE id > ? ORDER BY id LIMIT ?", request: request, key: \.id,
                as: EnrolmentToken.init(row:))
        }
        return try page(
            "SELECT * FROM enrolment_tokens WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?", account, request: request, key: \.id,
            as: EnrolmentToken.init(row:))
    }
}

extension WriteTransaction {
    /// Makes a token; `digest` is the SHA-256 of its text, which is kept nowhere.
    package func createToken(
        account: AccountID, domain: DomainID, digest: [UInt8], uses: Int64, expiresAt: Timestamp, by actor: Actor, id: TokenID = .random()
    ) throws -> EnrolmentToken {
        _ = try openAccount(account)
        guard let found = try self.domain(domain), found.accountID == account else {
            throw AccountError.unknown(what: "domain", name: domain.text)
        }
        guard (1...EnrolmentToken.maximumUses).contains(uses) else { throw AccountError.tokenUses(uses) }
        guard EnrolmentToken.lifetimes.contains(expiresAt - now) else { throw AccountError.tokenLifetime(expiresAt - now) }
        try execute(
            """
            INSERT INTO enrolment_tokens (id, account_id, domain_id, digest, use_limit, created_at, expires_at, made_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id, account, domain, digest, uses, now, expiresAt, actor.text)
        try audit(
            actor: actor, action: "token.create", subject: id.text, detail: "domain=\(domain) uses=\(uses) expires=\(expiresAt)",
            account: account)
        return EnrolmentToken(
            id: id, accountID: account, domainID: domain, useLimit: uses, uses: 0, createdAt: now, expiresAt: expiresAt, revokedAt: nil,
            madeBy: actor.text)
    }

    /// A revoked token stays to be read. Revoking it again changes nothing.
    package func revokeToken(_ id: TokenID, by actor: Actor) throws -> EnrolmentToken {
        guard let token = try token(id) else { throw AccountError.unknown(what: "token", name: id.text) }
        guard token.revokedAt == nil else { return token }
        try execute("UPDATE enrolment_tokens SET revoked_at = ? WHERE id = ?", now, id)
        try audit(actor: actor, action: "token.revoke", subject: id.text, account: token.accountID)
        return try self.token(id) ?? token
    }

    /// Counts one use, in the transaction that the registration is part of: never more uses than were granted.
    package func consumeToken(digest: [UInt8]) throws -> TokenUse {
        let used = try row(
            """
            UPDATE enrolment_tokens SET uses = uses + 1
            WHERE digest = ? AND uses < use_limit AND expires_at > ? AND revoked_at IS NULL RETURNING *
            """,
            digest, now)
        if let used { return .consumed(try EnrolmentToken(row: used)) }
        guard let token = try token(digest: digest) else { return .unknown }
        return .spent(token, token.state(at: now))
    }
}

extension EnrolmentToken {
    fileprivate init(row: Row) throws {
        try self.init(
            id: row.identifier("id"), accountID: row.identifier("account_id"), domainID: row.identifier("domain_id"),
            useLimit: row.integer("use_limit"), uses: row.integer("uses"), createdAt: row.timestamp("created_at"),
            expiresAt: row.timestamp("expires_at"), revokedAt: row.optionalTimestamp("revoked_at"), madeBy: row.text("made_by"))
    }
}
