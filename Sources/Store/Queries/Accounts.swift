import Identifiers
import Provider

extension ReadTransaction {
    package func account(_ id: AccountID) throws -> Account? {
        try row("SELECT * FROM accounts WHERE id = ?", id).map(Account.init(row:))
    }

    package func account(named name: String) throws -> Account? {
        try row("SELECT * FROM accounts WHERE name = ?", name).map(Account.init(row:))
    }

    /// By ID.
    package func accounts(_ request: PageRequest = PageRequest()) throws -> Page<Account> {
        try page("SELECT * FROM accounts WHERE id > ? ORDER BY id LIMIT ?", request: request, key: \.id, as: Account.init(row:))
    }

    /// The account, where it is there and open.
    func openAccount(_ id: AccountID) throws -> Account {
        guard let account = try account(id) else { throw AccountError.unknown(what: "account", name: id.text) }
        guard account.state == .open else { throw AccountError.closed(id) }
        return account
    }
}

extension WriteTransaction {
    package func createAccount(name: Name, by actor: Actor, id: AccountID = .random()) throws -> Account {
        guard try account(named: name.text) == nil else { throw AccountError.exists(what: "account", name: name.text) }
        try execute("INSERT INTO accounts (id, name, state, created_at) VALUES (?, ?, 'open', ?)", id, name.text, now)
        try audit(actor: actor, action: "account.create", subject: id.text, detail: "name=\(name)", account: id)
        return Account(id: id, name: name.text, state: .open, createdAt: now)
    }

    /// Closes an account: its users and tokens open nothing any more. Closing a closed one changes nothing.
    package func closeAccount(_ id: AccountID, by actor: Actor) throws -> Account {
        guard let account = try account(id) else { throw AccountError.unknown(what: "account", name: id.text) }
        guard account.state == .open else { return account }
        try execute("UPDATE accounts SET state = 'closed', closed_at = ? WHERE id = ?", now, id)
        try audit(actor: actor, action: "account.close", subject: id.text, account: id)
        return Account(id: id, name: account.name, state: .closed, createdAt: account.createdAt, closedAt: now)
    }
}

extension Account {
    fileprivate init(row: Row) throws {
        try self.init(
            id: row.identifier("id"), name: row.text("name"), state: row.raw("state"), createdAt: row.timestamp("created_at"),
            closedAt: row.optionalTimestamp("closed_at"))
    }
}
