import Identifiers

/// What provider and customer agreed on. A new agreement is a new revision; the old ones stay to be read.
package struct Contract: Equatable, Sendable {
    /// A class of storage that the customer may order, with its share of the capacity.
    package struct Tier: Equatable, Sendable {
        package let name: String
        /// Nil: as much as the contract's capacity.
        package let capacity: ByteCount?

        package init(name: String, capacity: ByteCount? = nil) {
            self.name = name
            self.capacity = capacity
        }
    }

    /// The price of one unit of something: `storage/gold`, `GiB-month`, 50,000 millionths of a euro.
    package struct Rate: Equatable, Sendable {
        package let item: String
        package let unit: String
        /// Millionths of the contract's currency; not negative.
        package let amountMillionths: Int64

        package init(item: String, unit: String, amountMillionths: Int64) {
            self.item = item
            self.unit = unit
            self.amountMillionths = amountMillionths
        }
    }

    /// What a moment means for a contract.
    package enum State: String, Sendable {
        case notYetStarted = "not-yet-started"
        case open
        case expired
    }

    package let accountID: AccountID
    /// Counts from 1.
    package let revision: Int64
    /// 1 to 3.
    package let serviceLevel: Int64
    /// Of all tiers together; nil: as much as there is.
    package let capacity: ByteCount?
    /// ISO 4217.
    package let currency: String
    package let startsAt: Timestamp
    /// The first moment at which it no longer holds; nil: until it is ended.
    package let endsAt: Timestamp?
    package let agreedAt: Timestamp
    package let tiers: [Tier]
    package let rates: [Rate]

    package init(
        accountID: AccountID, revision: Int64, serviceLevel: Int64, capacity: ByteCount?, currency: String, startsAt: Timestamp,
        endsAt: Timestamp?, agreedAt: Timestamp, tiers: [Tier], rates: [Rate]
    ) {
        self.accountID = accountID
        self.revision = revision
        self.serviceLevel = serviceLevel
        self.capacity = capacity
        self.currency = currency
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.agreedAt = agreedAt
        self.tiers = tiers
        self.rates = rates
    }

    package func state(at now: Timestamp) -> State { Self.state(startsAt: startsAt, endsAt: endsAt, at: now) }

    package static func state(startsAt: Timestamp, endsAt: Timestamp?, at now: Timestamp) -> State {
        if now < startsAt { return .notYetStarted }
        if let endsAt, now >= endsAt { return .expired }
        return .open
    }
}
