import Identifiers

/// A customer's record.
package struct Account: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open
        /// Nobody of it can log in or register; its hosts and records stay to be read.
        case closed
    }

    package let id: AccountID
    package let name: String
    package let state: State
    package let createdAt: Timestamp
    package let closedAt: Timestamp?

    package init(id: AccountID, name: String, state: State, createdAt: Timestamp, closedAt: Timestamp? = nil) {
        self.id = id
        self.name = name
        self.state = state
        self.createdAt = createdAt
        self.closedAt = closedAt
    }
}
