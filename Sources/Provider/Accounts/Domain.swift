import Identifiers

/// A customer's named group of hosts, with its own administrators.
package struct Domain: Equatable, Sendable {
    package let id: DomainID
    package let accountID: AccountID
    package let name: String
    package let createdAt: Timestamp

    package init(id: DomainID, accountID: AccountID, name: String, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.createdAt = createdAt
    }
}
