import Identifiers

/// What somebody's word or look extends to: a role's scope, of one person.
package enum Reach: Equatable, Sendable {
    case everything
    case account(AccountID)
    /// `name` is the domain's.
    case domain(DomainID, name: String, of: AccountID)
    /// The hosts that the user registered.
    case own(UserID, of: AccountID)

    /// Nil: this role may not do that at all.
    package init?(of session: Session, for permission: Permission) {
        switch session.role.scope(of: permission) {
        case .everything: self = .everything
        case .account: self = .account(session.accountID)
        case .domain: self = .domain(session.domainID, name: session.domain, of: session.accountID)
        case .own: self = .own(session.userID, of: session.accountID)
        case nil: return nil
        }
    }

    /// The one account that it lies in; nil: all.
    package var accountID: AccountID? {
        switch self {
        case .everything: nil
        case .account(let id), .domain(_, _, let id), .own(_, let id): id
        }
    }

    /// All of that account.
    package func includes(_ account: AccountID) -> Bool {
        switch self {
        case .everything: true
        case .account(let id): id == account
        case .domain, .own: false
        }
    }

    package func includes(_ domain: Domain) -> Bool {
        switch self {
        case .everything: true
        case .account(let id): id == domain.accountID
        case .domain(let id, _, _): id == domain.id
        case .own: false
        }
    }

    package func includes(_ user: User) -> Bool {
        switch self {
        case .everything: true
        case .account(let id): id == user.accountID
        case .domain(let id, _, _): id == user.domainID
        case .own(let id, _): id == user.id
        }
    }

    package func includes(_ host: HostRecord) -> Bool {
        includes(account: host.accountID, domain: host.domain, registeredBy: host.registeredBy)
    }

    package func includes(_ record: AssociationRecord) -> Bool {
        includes(account: record.association.accountID, domain: record.domain, registeredBy: record.registeredBy)
    }

    private func includes(account: AccountID, domain: String?, registeredBy: String?) -> Bool {
        switch self {
        case .everything: true
        case .account(let id): id == account
        case .domain(_, let name, let id): id == account && name == domain
        case .own(let user, let id): id == account && registeredBy == Actor.user(user).text
        }
    }
}
