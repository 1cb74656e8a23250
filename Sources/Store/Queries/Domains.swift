import Identifiers
import Provider

extension ReadTransaction {
    package func domain(_ id: DomainID) throws -> Domain? {
        try row("SELECT * FROM domains WHERE id = ?", id).map(Domain.init(row:))
    }

    package func domain(account: AccountID, name: String) throws -> Domain? {
        try row("SELECT * FROM domains WHERE account_id = ? AND name = ?", account, name).map(Domain.init(row:))
    }

    /// By ID.
    package func domains(within reach: Reach = .everything, _ request: PageRequest = PageRequest()) throws -> Page<Domain> {
        let (condition, value): (String, SQLValue?) =
            switch reach {
            case .everything: ("", nil)
            case .account(let id): ("account_id = ? AND ", id.sqlValue)
            case .domain(let id, _, _): ("id = ? AND ", id.sqlValue)
            case .own: ("id = ? AND ", .null)
            }
        return try page(
            "SELECT * FROM domains WHERE \(condition)id > ? ORDER BY id LIMIT ?", values: value.map { [$0] } ?? [], request: request,
            key: \.id, as: Domain.init(row:))
    }
}

extension WriteTransaction {
    package func createDomain(account: AccountID, name: Name, by actor: Actor, id: DomainID = .random()) throws -> Domain {
        _ = try openAccount(account)
        guard try domain(account: account, name: name.text) == nil else { throw AccountError.exists(what: "domain", name: name.text) }
        try execute("INSERT INTO domains (id, account_id, name, created_at) VALUES (?, ?, ?, ?)", id, account, name.text, now)
        try audit(actor: actor, action: "domain.create", subject: id.text, detail: "name=\(name)", account: account)
        return Domain(id: id, accountID: account, name: name.text, createdAt: now)
    }
}

extension Domain {
    fileprivate init(row: Row) throws {
        try self.init(
            id: row.identifier("id"), accountID: row.identifier("account_id"), name: row.text("name"),
            createdAt: row.timestamp("created_at"))
    }
}
