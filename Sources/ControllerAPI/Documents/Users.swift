import Identifiers

package struct DomainDocument: APIDocument, Equatable {
    package let domainID: DomainID
    package let accountID: AccountID
    package let name: String
    package let createdAt: Timestamp

    package init(domainID: DomainID, accountID: AccountID, name: String, createdAt: Timestamp) {
        self.domainID = domainID
        self.accountID = accountID
        self.name = name
        self.createdAt = createdAt
    }
}

package struct DomainList: APIDocument, Equatable {
    package let domains: [DomainDocument]
    package let next: String?

    package init(domains: [DomainDocument], next: String?) {
        self.domains = domains
        self.next = next
    }
}

package struct NewDomain: APIDocument, Equatable {
    package let accountID: AccountID
    package let name: String

    package init(accountID: AccountID, name: String) {
        self.accountID = accountID
        self.name = name
    }
}

/// What a user may do; decides the order types that the user is offered.
package enum RoleName: String, APIEnumeration {
    case providerAdmin = "provider-admin"
    case customerAdmin = "customer-admin"
    case domainAdmin = "domain-admin"
    case serverAdmin = "server-admin"
    case endUser = "end-user"
}

package enum UserStateName: String, APIEnumeration { case enabled, disabled }

package struct UserDocument: APIDocument, Equatable {
    package let userID: UserID
    package let accountID: AccountID
    package let domain: String
    package let name: String
    package let role: RoleName
    package let state: UserStateName
    /// The capacity that a customer-admin assigned to this server-admin.
    package let poolBytes: Int64?
    package let poolUsedBytes: Int64?
    package let hasPassword: Bool
    package let createdAt: Timestamp
    /// Until then a guess at this user's password is not even tried.
    package let lockedUntil: Timestamp?

    package init(
        userID: UserID, accountID: AccountID, domain: String, name: String, role: RoleName, state: UserStateName, poolBytes: Int64?,
        poolUsedBytes: Int64?, hasPassword: Bool, createdAt: Timestamp, lockedUntil: Timestamp?
    ) {
        self.userID = userID
        self.accountID = accountID
        self.domain = domain
        self.name = name
        self.role = role
        self.state = state
        self.poolBytes = poolBytes
        self.poolUsedBytes = poolUsedBytes
        self.hasPassword = hasPassword
        self.createdAt = createdAt
        self.lockedUntil = lockedUntil
    }
}

package struct UserList: APIDocument, Equatable {
    package let users: [UserDocument]
    package let next: String?

    package init(users: [UserDocument], next: String?) {
        self.users = users
        self.next = next
    }
}

package struct NewUser: APIDocument {
    package let accountID: AccountID
    package let domain: String
    package let name: String
    package let role: RoleName
    package let poolBytes: Int64?
    /// Without one the user cannot register anything until `set-password`.
    package let password: String?

    package init(accountID: AccountID, domain: String, name: String, role: RoleName, poolBytes: Int64?, password: String?) {
        self.accountID = accountID
        self.domain = domain
        self.name = name
        self.role = role
        self.poolBytes = poolBytes
        self.password = password
    }
}

package struct NewPassword: APIDocument {
    package let password: String
    package init(password: String) { self.password = password }
}
