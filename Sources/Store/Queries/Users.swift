import Identifiers
import Provider

extension ReadTransaction {
    package func user(_ id: UserID) throws -> User? {
        try row(Self.selectUsers + " WHERE users.id = ?", id).map(User.init(row:))
    }

    package func user(domain: DomainID, name: String) throws -> User? {
        try row(Self.selectUsers + " WHERE users.domain_id = ? AND users.name = ?", domain, name).map(User.init(row:))
    }

    /// By ID.
    package func users(within reach: Reach = .everything, _ request: PageRequest = PageRequest()) throws -> Page<User> {
        let (condition, value): (String, SQLValue?) =
            switch reach {
            case .everything: ("", nil)
            case .account(let id): ("users.account_id = ? AND ", id.sqlValue)
            case .domain(let id, _, _): ("users.domain_id = ? AND ", id.sqlValue)
            // A user sees itself.
            case .own(let id, _): ("users.id = ? AND ", id.sqlValue)
            }
        return try page(
            Self.selectUsers + " WHERE \(condition)users.id > ? ORDER BY users.id LIMIT ?", values: value.map { [$0] } ?? [],
            request: request, key: \.id, as: User.init(row:))
    }

    private static let selectUsers = """
        SELECT users.id, users.account_id, users.domain_id, users.name, users.role, users.state, users.created_at,
          users.password_hash IS NOT NULL AS has_password, pools.capacity_bytes, pools.used_bytes
        FROM users LEFT JOIN pools ON pools.user_id = users.id
        """

    /// Of all pools of an account together.
    func poolCapacity(of account: AccountID) throws -> ByteCount {
        ByteCount(try integer("SELECT coalesce(sum(capacity_bytes), 0) FROM pools WHERE account_id = ?", account) ?? 0)
    }

    /// The user, or the error that says that there is none.
    func existingUser(_ id: UserID) throws -> User {
        guard let user = try user(id) else { throw AccountError.unknown(what: "user", name: id.text) }
        return user
    }
}

extension WriteTransaction {
    /// `passwordHash` names its parameters (`$scrypt$…`); without one no password opens the login.
    package func createUser(
        account: AccountID, domain: DomainID, name: Name, role: Role, pool: ByteCount? = nil, passwordHash: String? = nil, by actor: Actor,
        id: UserID = .random()
    ) throws -> User {
        _ = try openAccount(account)
        guard let found = try self.domain(domain), found.accountID == account else {
            throw AccountError.unknown(what: "domain", name: domain.text)
        }
        guard role != .providerAdmin else { throw AccountError.roleInCustomerDomain(role) }
        guard try user(domain: domain, name: name.text) == nil else { throw AccountError.exists(what: "user", name: name.text) }
        try execute(
            """
            INSERT INTO users (id, account_id, domain_id, name, role, password_hash, state, created_at)
            VALUES (?, ?, ?, ?, ?, ?, 'enabled', ?)
            """,
            id, account, domain, name.text, role.rawValue, passwordHash, now)
        try audit(
            actor: actor, action: "user.create", subject: id.text, detail: "name=\(name) domain=\(domain) role=\(role.rawValue)",
            account: account)
        if let pool { try setPool(user: id, capacity: pool, by: actor) }
        return try existingUser(id)
    }

    /// Assigns a server-admin's pool, or changes it: never below what is used of it, nor all pools together above the contract's capacity.
    package func setPool(user id: UserID, capacity: ByteCount, by actor: Actor) throws {
        let user = try existingUser(id)
        guard user.role == .serverAdmin else { throw AccountError.poolForRole(user.role) }
        guard capacity.bytes >= 0 else { throw AccountError.negativePool(capacity) }
        let used = user.pool?.used ?? ByteCount(0)
        guard capacity >= used else { throw AccountError.poolBelowUse(pool: capacity, used: used) }
        let others = try poolCapacity(of: user.accountID).bytes - (user.pool?.capacity.bytes ?? 0)
        let (total, overflow) = others.addingReportingOverflow(capacity.bytes)
        if let limit = try contract(user.accountID)?.capacity, overflow || total > limit.bytes {
            throw AccountError.poolsAboveCapacity(pools: ByteCount(overflow ? Int64.max : total), capacity: limit)
        }
        guard !overflow else { throw AccountError.poolsAboveCapacity(pools: ByteCount(Int64.max), capacity: ByteCount(Int64.max)) }
        try execute(
            """
            INSERT INTO pools (user_id, account_id, capacity_bytes) VALUES (?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET capacity_bytes = excluded.capacity_bytes
            """,
            id, user.accountID, capacity)
        try audit(actor: actor, action: "pool.set", subject: id.text, detail: "capacity=\(capacity.bytes)", account: user.accountID)
    }

    /// Disables or enables a login; disabling ends its sessions.
    package func setState(_ state: User.State, ofUser id: UserID, by actor: Actor) throws -> User {
        let user = try existingUser(id)
        try execute("UPDATE users SET state = ? WHERE id = ?", state.rawValue, id)
        if state == .disabled { try endSessions(of: id) }
        let action = state == .enabled ? "user.enable" : "user.disable"
        try audit(actor: actor, action: action, subject: id.text, account: user.accountID)
        return try existingUser(id)
    }

    /// Sets a password, and ends the sessions that the old one opened.
    package func setPasswordHash(_ hash: String, ofUser id: UserID, by actor: Actor) throws -> User {
        let user = try existingUser(id)
        try execute("UPDATE users SET password_hash = ? WHERE id = ?", hash, id)
        try endSessions(of: id)
        try audit(actor: actor, action: "user.set-password", subject: id.text, account: user.accountID)
        return try existingUser(id)
    }

    /// Forgets the failed guesses for a user, so that the next one is looked at at once; for a day, those that others made on the same pad do
    /// not make it wait either.
    package func unlockUser(_ id: UserID, by actor: Actor) throws -> User {
        let user = try existingUser(id)
        guard let domain = try domain(user.domainID) else { throw AccountError.unknown(what: "domain", name: user.domainID.text) }
        try forgetFailures(.user(account: user.accountID.text, domain: domain.name, user: user.name))
        try execute("UPDATE users SET unlocked_at = ? WHERE id = ?", now, id)
        try audit(actor: actor, action: "user.unlock", subject: id.text, account: user.accountID)
        return user
    }
}

extension User {
    fileprivate init(row: Row) throws {
        let capacity = try row.optionalByteCount("capacity_bytes")
        try self.init(
            id: row.identifier("id"), accountID: row.identifier("account_id"), domainID: row.identifier("domain_id"),
            name: row.text("name"),
            role: row.raw("role"), state: row.raw("state"), createdAt: row.timestamp("created_at"), hasPassword: row.bool("has_password"),
            pool: capacity.map { Pool(capacity: $0, used: try row.byteCount("used_bytes")) })
    }
}
