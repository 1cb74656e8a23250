import Identifiers

/// A customer's user who logs in.
package struct NewSession: APIDocument {
    package let accountID: AccountID
    /// The domain's name.
    package let domain: String
    package let user: String
    package let password: String

    package init(accountID: AccountID, domain: String, user: String, password: String) {
        self.accountID = accountID
        self.domain = domain
        self.user = user
        self.password = password
    }
}

/// Who asks. One of the provider's people, whom the socket's peer credentials name, has neither account nor end.
package struct SessionDocument: APIDocument, Equatable {
    package let role: RoleName
    /// The user's name, or the provider's login and number on its machine.
    package let user: String
    package let userID: UserID?
    package let accountID: AccountID?
    package let domain: String?
    package let createdAt: Timestamp?
    package let expires: Timestamp?
    /// The secret itself: in the answer to a login, and never again.
    package let token: String?

    package init(
        role: RoleName, user: String, userID: UserID?, accountID: AccountID?, domain: String?, createdAt: Timestamp?, expires: Timestamp?,
        token: String? = nil
    ) {
        self.role = role
        self.user = user
        self.userID = userID
        self.accountID = accountID
        self.domain = domain
        self.createdAt = createdAt
        self.expires = expires
        self.token = token
    }
}
