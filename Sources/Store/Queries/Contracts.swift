import Identifiers
import Provider

extension ReadTransaction {
    /// The revision in force, or the one asked for.
    package func contract(_ account: AccountID, revision: Int64? = nil) throws -> Contract? {
        let row =
            if let revision {
                try row("SELECT * FROM contracts WHERE account_id = ? AND revision = ?", account, revision)
            } else {
                try row("SELECT * FROM contracts WHERE account_id = ? ORDER BY revision DESC LIMIT 1", account)
            }
        guard let row else { return nil }
        let number = try row.integer("revision")
        let tiers = try rows(
            "SELECT tier, capacity_bytes FROM contract_tiers WHERE account_id = ? AND revision = ? ORDER BY tier", account, number
        ).map { Contract.Tier(name: try $0.text("tier"), capacity: try $0.optionalByteCount("capacity_bytes")) }
        let rates = try rows(
            "SELECT item, unit, amount_millionths FROM contract_rates WHERE account_id = ? AND revision = ? ORDER BY item", account, number
        ).map { row in
            Contract.Rate(item: try row.text("item"), unit: try row.text("unit"), amountMillionths: try row.integer("amount_millionths"))
        }
        return Contract(
            accountID: account, revision: number, serviceLevel: try row.integer("service_level"),
            capacity: try row.optionalByteCount("capacity_bytes"), currency: try row.text("currency"),
            startsAt: try row.timestamp("starts_at"), endsAt: try row.optionalTimestamp("ends_at"),
            agreedAt: try row.timestamp("agreed_at"), tiers: tiers, rates: rates)
    }
}

extension WriteTransaction {
    /// Adds a revision, which is in force from now on.
    package func setContract(_ account: AccountID, _ terms: ContractTerms, by actor: Actor) throws -> Contract {
        _ = try openAccount(account)
        let assigned = try poolCapacity(of: account)
        if let capacity = terms.capacity, assigned > capacity {
            throw AccountError.poolsAboveCapacity(pools: assigned, capacity: capacity)
        }
        let revision = try (integer("SELECT max(revision) FROM contracts WHERE account_id = ?", account) ?? 0) + 1
        try execute(
            """
            INSERT INTO contracts (account_id, revision, service_level, capacity_bytes, currency, starts_at, ends_at, agreed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            account, revision, terms.serviceLevel, terms.capacity, terms.currency, terms.startsAt, terms.endsAt, now)
        for tier in terms.tiers {
            try execute(
                "INSERT INTO contract_tiers (account_id, revision, tier, capacity_bytes) VALUES (?, ?, ?, ?)", account, revision, tier.name,
                tier.capacity)
        }
        for rate in terms.rates {
            try execute(
                "INSERT INTO contract_rates (account_id, revision, item, unit, amount_millionths) VALUES (?, ?, ?, ?, ?)", account,
                revision,
                rate.item, rate.unit, rate.amountMillionths)
        }
        let end = terms.endsAt?.description ?? "open"
        try audit(
            actor: actor, action: "contract.set", subject: account.text,
            detail: "revision=\(revision) level=\(terms.serviceLevel) start=\(terms.startsAt) end=\(end)", account: account)
        guard let contract = try contract(account, revision: revision) else {
            throw AccountError.unknown(what: "contract", name: account.text)
        }
        return contract
    }
}
