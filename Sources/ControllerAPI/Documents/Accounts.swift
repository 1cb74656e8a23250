import Identifiers

package struct AccountDocument: APIDocument, Equatable {
    package let accountID: AccountID
    package let name: String
    package let state: AccountStateName
    package let createdAt: Timestamp
    package let closedAt: Timestamp?

    package init(accountID: AccountID, name: String, state: AccountStateName, createdAt: Timestamp, closedAt: Timestamp?) {
        self.accountID = accountID
        self.name = name
        self.state = state
        self.createdAt = createdAt
        self.closedAt = closedAt
    }
}

package enum AccountStateName: String, APIEnumeration { case open, closed }

package struct AccountList: APIDocument, Equatable {
    package let accounts: [AccountDocument]
    package let next: String?

    package init(accounts: [AccountDocument], next: String?) {
        self.accounts = accounts
        self.next = next
    }
}

package struct NewAccount: APIDocument, Equatable {
    package let name: String
    package init(name: String) { self.name = name }
}
