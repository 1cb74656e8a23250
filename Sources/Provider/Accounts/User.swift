import Identifiers

/// A login in a domain, with one role. Its password's hash is not part of this value: it stays in the database.
package struct User: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case enabled, disabled
    }

    package let id: UserID
    package let accountID: AccountID
    package let domainID: DomainID
    package let name: String
    package let role: Role
    package let state: State
    package let createdAt: Timestamp
    package let hasPassword: Bool
    package let pool: Pool?

    package init(
        id: UserID, accountID: AccountID, domainID: DomainID, name: String, role: Role, state: State, createdAt: Timestamp,
        hasPassword: Bool, pool: Pool?
    ) {
        self.id = id
        self.accountID = accountID
        self.domainID = domainID
        self.name = name
        self.role = role
        self.state = state
        self.createdAt = createdAt
        self.hasPassword = hasPassword
        self.pool = pool
    }
}

/// The capacity that a customer-admin assigned to one server-admin; never exceeded.
package struct Pool: Equatable, Sendable {
    package let capacity: ByteCount
    package let used: ByteCount

    package init(capacity: ByteCount, used: ByteCount = ByteCount(0)) {
        self.capacity = capacity
        self.used = used
    }

    package var free: ByteCount { ByteCount(capacity.bytes - used.bytes) }

    /// Whether `size` more still fits.
    package func admits(_ size: ByteCount) -> Bool { size.bytes >= 0 && size <= free }
}

/// What the provider refuses in accounts, domains, users, pools and tokens.
package enum AccountError: Error, Equatable, Sendable {
    /// No such thing; `what` is a noun (`account`), `name` what was asked for.
    case unknown(what: String, name: String)
    case exists(what: String, name: String)
    case closed(AccountID)
    /// Only server-admins have pools.
    case poolForRole(Role)
    case negativePool(ByteCount)
    /// Pools together would be more than the contract's capacity.
    case poolsAboveCapacity(pools: ByteCount, capacity: ByteCount)
    /// A pool would be smaller than what is used of it.
    case poolBelowUse(pool: ByteCount, used: ByteCount)
    case roleInCustomerDomain(Role)
    case tokenUses(Int64)
    case tokenLifetime(Duration)
    case padInterval(Duration)
    case padDirectory(String)
}

extension AccountError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknown(let what, let name): "there is no \(what) \(name); `quartermaster \(what) list` shows what there is"
        case .exists(let what, let name): "the \(what) \(name) exists already; choose another name"
        case .closed(let id): "the account \(id) is closed; nothing can be added to it"
        case .poolForRole(let role): "a user of role \(role.rawValue) has no pool; pools are for server-admin"
        case .negativePool(let size): "a pool of \(size.bytes) bytes is negative; give 0 or more"
        case .poolsAboveCapacity(let pools, let capacity):
            "the account's pools would be \(pools) together, more than the \(capacity) of its contract; give a smaller pool"
        case .poolBelowUse(let pool, let used): "a pool of \(pool) is smaller than the \(used) in use; give at least that"
        case .roleInCustomerDomain(let role):
            "a customer's domain has no \(role.rawValue); give customer-admin, domain-admin, server-admin or end-user"
        case .tokenUses(let uses): "a token for \(uses) registrations is not made; give 1 to \(EnrolmentToken.maximumUses)"
        case .tokenLifetime: "a token lives 1 minute to 366 days; give an end within that"
        case .padInterval: "a pad is looked at every 100 ms to 1 hour; give an interval within that"
        case .padDirectory(let path): "a pad's directory is an absolute path of at most 1024 bytes, without . or .. in it; not \(path)"
        }
    }
}
