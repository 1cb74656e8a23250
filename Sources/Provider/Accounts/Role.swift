/// What a user is. One role for each user.
package enum Role: String, Sendable, CaseIterable {
    case providerAdmin = "provider-admin"
    case customerAdmin = "customer-admin"
    case domainAdmin = "domain-admin"
    case serverAdmin = "server-admin"
    case endUser = "end-user"

    /// How far a permission reaches.
    package enum Scope: Int, Sendable, Comparable {
        /// What the user itself registered or was assigned.
        case own
        case domain
        case account
        case everything

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How far this role may do `permission`; nil: not at all.
    package func scope(of permission: Permission) -> Scope? {
        switch (self, permission) {
        case (.providerAdmin, _): .everything

        case (_, .readAccount), (_, .readContract): .account

        case (.customerAdmin, .readAudit), (.customerAdmin, .readHosts),
            (.customerAdmin, .readAssociations), (.customerAdmin, .registerHosts), (.customerAdmin, .manageHosts),
            (.customerAdmin, .readDomains), (.customerAdmin, .manageDomains), (.customerAdmin, .manageUsers),
            (.customerAdmin, .assignPools), (.customerAdmin, .manageTokens):
            .account

        case (.domainAdmin, .readDomains), (.domainAdmin, .readHosts), (.domainAdmin, .readAssociations),
            (.domainAdmin, .registerHosts), (.domainAdmin, .manageHosts), (.domainAdmin, .manageUsers):
            .domain

        case (.serverAdmin, .readHosts), (.serverAdmin, .readAssociations), (.serverAdmin, .registerHosts),
            (.serverAdmin, .manageHosts):
            .own

        case (.endUser, .readAssociations): .own
        default: nil
        }
    }

    /// The roles that somebody of this role may give to others: only lower ones.
    package var mayGive: Set<Role> {
        switch self {
        case .providerAdmin: Set(Role.allCases)
        case .customerAdmin: [.customerAdmin, .domainAdmin, .serverAdmin, .endUser]
        case .domainAdmin: [.serverAdmin, .endUser]
        case .serverAdmin, .endUser: []
        }
    }
}

/// Something that not everybody may do.
package enum Permission: String, Sendable, CaseIterable {
    case manageAccounts, readAccount, manageContracts, readContract
    case readDomains, manageDomains, manageUsers, assignPools, manageTokens
    case managePads, manageSystems, readSystems
    case registerHosts, readHosts, manageHosts
    /// The provider's own: a host that is suspended stays so until the provider resumes it.
    case suspendHosts, instructHosts
    case readAssociations, decideAssociations, assignInitiators
    case readAudit, manageKeys, backUp
}
