import ControllerAPI
import Identifiers
import Provider

/// Who asks, for the rules and for the audit.
package enum CallerIdentity: Equatable, Sendable {
    /// One of the provider's people, by the name that the kernel gives them: `root(0)`.
    case provider(name: String)
    /// A customer's user who logged in.
    case session(Session)
    /// Somebody on this machine who is neither.
    case nobody(name: String)

    package var role: Caller? {
        switch self {
        case .provider: .provider
        case .session(let session): Caller(session.role)
        case .nobody: nil
        }
    }

    /// For messages: `alice of web (customer-admin)`.
    package var name: String {
        switch self {
        case .provider(let name), .nobody(let name): name
        case .session(let session): "\(session.user) of \(session.domain) (\(session.role.rawValue))"
        }
    }

    package var actor: Actor {
        switch self {
        case .provider(let name): .provider(name)
        case .session(let session): .user(session.userID)
        case .nobody(let name): .localUser(name)
        }
    }

    /// Whom a refusal concerns.
    var accountID: AccountID? { if case .session(let session) = self { session.accountID } else { nil } }

    /// How far the caller may do what an operation asks for. Throws where not at all, saying who may.
    func reach(for route: Route) throws(RequestError) -> Reach {
        switch (self, route.operation.demand) {
        case (.provider, _), (_, .nothing): return .everything
        case (.nobody(let name), .login), (.nobody(let name), .permission): throw .notLoggedIn(user: name)
        case (.session(let session), .login): return .account(session.accountID)
        case (.session(let session), .permission(let permission)):
            guard let reach = Reach(of: session, for: permission) else {
                throw .callerNotAllowed(
                    operation: route.operation.rawValue, caller: name,
                    needed: Role.allCases.filter { $0.scope(of: permission) != nil }.map(\.rawValue))
            }
            return reach
        }
    }
}

/// A user of this machine as the audit names it: `root(0)`, and `unknown(4711)` for one without an entry in the user database.
extension PeerCredentials {
    package var name: String { "\(UserDatabase.name(ofUser: userID) ?? "unknown")(\(userID))" }
}
