import ControllerAPI
import Identifiers
import Provider
import Sealing
import Store

extension Handlers {
    func createToken(_ call: Call) async throws -> Answer {
        let document = try call.document(NewToken.self)
        try call.require(document.accountID)
        let lifetime = document.lifetimeSeconds ?? 7 * 86_400
        guard (0...4_000_000_000).contains(lifetime) else { throw AccountError.tokenLifetime(.zero) }
        var generator = SystemRandomNumberGenerator()
        let text = EnrolmentToken.randomText(using: &generator)
        let digest = SHA256.digest(Array(text.utf8))
        return .document(
            try await store.write { transaction in
                let domain = try transaction.existingDomain(account: document.accountID, name: document.domain)
                let token = try transaction.createToken(
                    account: document.accountID, domain: domain.id, digest: digest, uses: document.uses ?? 1,
                    expiresAt: transaction.now + .seconds(lifetime), by: call.actor)
                return try TokenDocument(token, secret: text, in: transaction)
            })
    }

    func listTokens(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.listReach().accountID
        return .document(
            try await store.read { transaction in
                let page = try transaction.tokens(account: account, request)
                return TokenList(tokens: try page.elements.map { try TokenDocument($0, in: transaction) }, next: page.next)
            })
    }

    func revokeToken(_ call: Call) async throws -> Answer {
        let id = try call.parameter("tokenID", as: TokenID.self)
        return .document(
            try await store.write { transaction in
                if call.reach != .everything {
                    guard let token = try transaction.token(id), call.reach.includes(token.accountID) else {
                        throw call.outside("token", id.text)
                    }
                }
                return try TokenDocument(try transaction.revokeToken(id, by: call.actor), in: transaction)
            })
    }
}

extension TokenDocument {
    init(_ token: EnrolmentToken, secret: String? = nil, in transaction: ReadTransaction) throws {
        let state: TokenStateName =
            switch token.state(at: transaction.now) {
            case .usable: .usable
            case .expired: .expired
            case .revoked: .revoked
            case .usedUp: .usedUp
            }
        self.init(
            tokenID: token.id, accountID: token.accountID, domain: try transaction.domain(token.domainID)?.name ?? "", state: state,
            uses: token.useLimit, usesLeft: token.useLimit - token.uses, createdAt: token.createdAt, expires: token.expiresAt,
            token: secret)
    }
}
