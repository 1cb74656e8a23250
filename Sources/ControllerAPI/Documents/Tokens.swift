import Identifiers

/// An enrolment token: registers hosts in place of a user's name and password, so often and so long.
package struct TokenDocument: APIDocument, Equatable {
    package let tokenID: TokenID
    package let accountID: AccountID
    package let domain: String
    package let state: TokenStateName
    package let uses: Int64
    package let usesLeft: Int64
    package let createdAt: Timestamp
    package let expires: Timestamp
    /// The secret itself: in the answer to its creation, and never again.
    package let token: String?

    package init(
        tokenID: TokenID, accountID: AccountID, domain: String, state: TokenStateName, uses: Int64, usesLeft: Int64, createdAt: Timestamp,
        expires: Timestamp, token: String?
    ) {
        self.tokenID = tokenID
        self.accountID = accountID
        self.domain = domain
        self.state = state
        self.uses = uses
        self.usesLeft = usesLeft
        self.createdAt = createdAt
        self.expires = expires
        self.token = token
    }
}

package enum TokenStateName: String, APIEnumeration {
    case usable, expired, revoked
    case usedUp = "used-up"
}

package struct TokenList: APIDocument, Equatable {
    package let tokens: [TokenDocument]
    package let next: String?

    package init(tokens: [TokenDocument], next: String?) {
        self.tokens = tokens
        self.next = next
    }
}

package struct NewToken: APIDocument, Equatable {
    package let accountID: AccountID
    package let domain: String
    /// How many hosts it may register; 1 where it is not given.
    package let uses: Int64?
    /// A week where it is not given.
    package let lifetimeSeconds: Int64?

    package init(accountID: AccountID, domain: String, uses: Int64?, lifetimeSeconds: Int64?) {
        self.accountID = accountID
        self.domain = domain
        self.uses = uses
        self.lifetimeSeconds = lifetimeSeconds
    }
}
