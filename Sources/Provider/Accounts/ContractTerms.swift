import Identifiers

/// The terms of a new revision, checked.
package struct ContractTerms: Equatable, Sendable {
    package let serviceLevel: Int64
    package let capacity: ByteCount?
    package let currency: String
    package let startsAt: Timestamp
    package let endsAt: Timestamp?
    package let tiers: [Contract.Tier]
    package let rates: [Contract.Rate]

    package init(
        serviceLevel: Int64 = 1, capacity: ByteCount? = nil, currency: String = "EUR", startsAt: Timestamp, endsAt: Timestamp? = nil,
        tiers: [Contract.Tier] = [], rates: [Contract.Rate] = []
    ) throws(ContractError) {
        guard (1...3).contains(serviceLevel) else { throw .serviceLevel(serviceLevel) }
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw .currency(String(currency.prefix(16)))
        }
        if let endsAt, endsAt <= startsAt { throw .endBeforeStart(start: startsAt, end: endsAt) }
        if let capacity, capacity.bytes < 0 { throw .negative("capacity") }
        try Self.checkNames(tiers.map(\.name), what: "tier")
        try Self.checkNames(rates.map(\.item), what: "rate")
        for tier in tiers {
            guard let share = tier.capacity else { continue }
            guard share.bytes >= 0 else { throw .negative("tier \(tier.name)") }
            if let capacity, share > capacity { throw .tierAboveCapacity(tier: tier.name) }
        }
        for rate in rates {
            guard rate.amountMillionths >= 0 else { throw .negative("rate \(rate.item)") }
            guard (1...64).contains(rate.unit.utf8.count) else { throw .name(what: "the unit of a rate", reason: "1 to 64 bytes") }
        }
        self.serviceLevel = serviceLevel
        self.capacity = capacity
        self.currency = currency
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.tiers = tiers
        self.rates = rates
    }

    private static func checkNames(_ names: [String], what: String) throws(ContractError) {
        guard names.count <= 256 else { throw .tooMany(what: what, limit: 256) }
        var seen: Set<String> = []
        for name in names {
            do throws(NameError) { _ = try Name(name) } catch { throw .name(what: what, reason: error.description) }
            guard name.utf8.count <= 64 else { throw .name(what: what, reason: "a name of at most 64 bytes") }
            guard seen.insert(name).inserted else { throw .twice(what: what, name: name) }
        }
    }
}

package enum ContractError: Error, Equatable, Sendable {
    case serviceLevel(Int64)
    case currency(String)
    case endBeforeStart(start: Timestamp, end: Timestamp)
    case negative(String)
    case tierAboveCapacity(tier: String)
    case name(what: String, reason: String)
    case twice(what: String, name: String)
    case tooMany(what: String, limit: Int)
}

extension ContractError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .serviceLevel(let level): "a contract's service level is \(level); give 1, 2 or 3"
        case .currency(let text): "a contract's currency is \"\(text)\"; give three capital letters, as EUR (ISO 4217)"
        case .endBeforeStart(let start, let end): "a contract ends at \(end), not after its start at \(start); give a later end"
        case .negative(let what): "a contract's \(what) is negative; give 0 or more"
        case .tierAboveCapacity(let tier): "a contract's tier \(tier) has more capacity than the contract; lower it or raise the contract's"
        case .name(let what, let reason): "a contract's \(what) is not accepted: \(reason)"
        case .twice(let what, let name): "a contract names the \(what) \(name) twice; name it once"
        case .tooMany(let what, let limit): "a contract names more than \(limit) of \(what)"
        }
    }
}
