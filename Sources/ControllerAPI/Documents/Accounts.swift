import Identifiers

package struct AccountDocument: APIDocument, Equatable {
    package let accountID: AccountID
    package let name: String
    package let state: AccountState
    package let createdAt: Timestamp
    package let closedAt: Timestamp?

    package init(accountID: AccountID, name: String, state: AccountState, createdAt: Timestamp, closedAt: Timestamp?) {
        self.accountID = accountID
        self.name = name
        self.state = state
        self.createdAt = createdAt
        self.closedAt = closedAt
    }
}

package enum AccountState: String, APIEnumeration { case open, closed }

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

/// What a customer has agreed to. Amounts are decimal texts, so that no rounding happens on the way.
package struct ContractDocument: APIDocument, Equatable {
    package let accountID: AccountID
    package let currency: String
    package let rates: [RateDocument]
    package let tiers: [String]
    package let capacityBytes: Int64
    package let serviceLevel: Int
    package let start: Timestamp
    package let end: Timestamp?

    package init(
        accountID: AccountID, currency: String, rates: [RateDocument], tiers: [String], capacityBytes: Int64, serviceLevel: Int,
        start: Timestamp, end: Timestamp?
    ) {
        self.accountID = accountID
        self.currency = currency
        self.rates = rates
        self.tiers = tiers
        self.capacityBytes = capacityBytes
        self.serviceLevel = serviceLevel
        self.start = start
        self.end = end
    }
}

package struct RateDocument: APIDocument, Equatable {
    /// What is counted: `volume-gib-month`, `host`.
    package let name: String
    /// For one unit: `0.10`.
    package let amount: String

    package init(name: String, amount: String) {
        self.name = name
        self.amount = amount
    }
}

package struct NewContract: APIDocument, Equatable {
    package let currency: String?
    package let rates: [RateDocument]?
    package let tiers: [String]?
    package let capacityBytes: Int64
    package let serviceLevel: Int?
    package let start: Timestamp?
    package let end: Timestamp?

    package init(
        currency: String?, rates: [RateDocument]?, tiers: [String]?, capacityBytes: Int64, serviceLevel: Int?, start: Timestamp?,
        end: Timestamp?
    ) {
        self.currency = currency
        self.rates = rates
        self.tiers = tiers
        self.capacityBytes = capacityBytes
        self.serviceLevel = serviceLevel
        self.start = start
        self.end = end
    }
}
