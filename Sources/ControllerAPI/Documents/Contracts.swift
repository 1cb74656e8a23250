import Identifiers

/// What a customer has agreed to: the revision in force. Amounts are decimal texts, so that no rounding happens on the way.
package struct ContractDocument: APIDocument, Equatable {
    package let accountID: AccountID
    package let revision: Int64
    package let state: ContractStateName
    package let serviceLevel: Int64
    /// Of all tiers together; absent: as much as there is.
    package let capacityBytes: Int64?
    /// ISO 4217.
    package let currency: String
    package let start: Timestamp
    /// The first moment at which it no longer holds; absent: until it is ended.
    package let end: Timestamp?
    package let agreedAt: Timestamp
    package let tiers: [TierDocument]
    package let rates: [RateDocument]

    package init(
        accountID: AccountID, revision: Int64, state: ContractStateName, serviceLevel: Int64, capacityBytes: Int64?, currency: String,
        start: Timestamp, end: Timestamp?, agreedAt: Timestamp, tiers: [TierDocument], rates: [RateDocument]
    ) {
        self.accountID = accountID
        self.revision = revision
        self.state = state
        self.serviceLevel = serviceLevel
        self.capacityBytes = capacityBytes
        self.currency = currency
        self.start = start
        self.end = end
        self.agreedAt = agreedAt
        self.tiers = tiers
        self.rates = rates
    }
}

package enum ContractStateName: String, APIEnumeration {
    case notYetStarted = "not-yet-started"
    case open, expired
}

/// A class of storage that the customer may order.
package struct TierDocument: APIDocument, Equatable {
    package let name: String
    /// Absent: as much as the contract's capacity.
    package let capacityBytes: Int64?

    package init(name: String, capacityBytes: Int64?) {
        self.name = name
        self.capacityBytes = capacityBytes
    }
}

/// The price of one unit of something.
package struct RateDocument: APIDocument, Equatable {
    /// `storage/gold`
    package let item: String
    /// `GiB-month`
    package let unit: String
    /// In the contract's currency, with at most six decimals: `0.05`.
    package let amount: String

    package init(item: String, unit: String, amount: String) {
        self.item = item
        self.unit = unit
        self.amount = amount
    }
}

/// The terms of a new revision.
package struct NewContract: APIDocument, Equatable {
    /// 1, 2 or 3; 1 where it is not given.
    package let serviceLevel: Int64?
    package let capacityBytes: Int64?
    /// EUR where it is not given.
    package let currency: String?
    /// Now where it is not given.
    package let start: Timestamp?
    package let end: Timestamp?
    package let tiers: [TierDocument]?
    package let rates: [RateDocument]?

    package init(
        serviceLevel: Int64?, capacityBytes: Int64?, currency: String?, start: Timestamp?, end: Timestamp?, tiers: [TierDocument]?,
        rates: [RateDocument]?
    ) {
        self.serviceLevel = serviceLevel
        self.capacityBytes = capacityBytes
        self.currency = currency
        self.start = start
        self.end = end
        self.tiers = tiers
        self.rates = rates
    }
}

/// Money as decimal text, held exactly as millionths.
package enum AmountText {
    /// Nil for anything but digits with at most six decimals.
    package static func millionths(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let whole = Int64(parts[0])
        else { return nil }
        var decimals: Int64 = 0
        if parts.count == 2 {
            guard parts[1].utf8.count <= 6 else { return nil }
            let digits = String(parts[1]) + String(repeating: "0", count: 6 - parts[1].utf8.count)
            decimals = Int64(digits) ?? 0
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowed) = product.addingReportingOverflow(decimals)
        return overflow || overflowed ? nil : sum
    }

    /// At least two decimals, no more than needed.
    package static func text(millionths: Int64) -> String {
        var decimals = String(1_000_000 + millionths % 1_000_000).dropFirst()
        while decimals.utf8.count > 2, decimals.last == "0" { decimals.removeLast() }
        return "\(millionths / 1_000_000).\(decimals)"
    }
}
