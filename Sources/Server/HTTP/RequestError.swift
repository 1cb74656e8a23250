import ControllerAPI

/// A request that cannot be done as it is, before any daemon or table is asked.
package enum RequestError: Error, Equatable, Sendable {
    case noPeerCredentials
    /// Somebody on this machine who is neither of the provider's people nor logged in.
    case notLoggedIn(user: String)
    /// The token is of no session that holds now.
    case sessionEnded
    /// A login that was refused, for this reason.
    case loginRefused(String)
    case callerNotAllowed(operation: String, caller: String, needed: [String])
    /// Not what this caller may see or touch; or not there, which it is not told apart from.
    case outside(what: String, id: String, caller: String)
    case noSuchPath(String)
    case methodNotAllowed(path: String, allowed: [String])
    case missingParameter(String)
    case parameter(name: String, value: String, expected: String)
    case bodyTooLarge(limit: Int)
    /// A document that reads well but breaks a rule of its own.
    case invalid(field: String, reason: String)
    case notFound(what: String, id: String)
}

extension RequestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noPeerCredentials: "the connection does not say who is at its other end; connect over the Unix socket"
        case .notLoggedIn(let user):
            "\(user) is not logged in: customers' users log in with `quartermaster login`; the provider's people ask as root, "
                + "as the controller's own user, or as a member of the group that the configuration names as providerGroup"
        case .sessionEnded: "the session has ended: log in again with `quartermaster login`, or leave it with `quartermaster logout`"
        case .loginRefused(let reason): reason
        case .callerNotAllowed(let operation, let caller, let needed):
            "\(caller) may not \(Self.words(operation)); needed is the role \(needed.joined(separator: " or "))"
        case .outside(let what, let id, let caller):
            "the \(what) \(id) is none that \(caller) may see or change; needed is the role provider-admin, or the \(what)'s own administrator"
        case .noSuchPath(let path): "there is nothing at \(path); the interface is described at /openapi.json"
        case .methodNotAllowed(let path, let allowed): "\(path) answers \(allowed.joined(separator: " and ")) alone"
        case .missingParameter(let name): "the parameter \(name) is missing"
        case .parameter(let name, let value, let expected): "\(name) is \"\(value)\"; expected \(expected)"
        case .bodyTooLarge(let limit): "the request is larger than \(limit) bytes"
        case .invalid(let field, let reason): "\(field) \(reason)"
        case .notFound(let what, let id): "there is no \(what) \(id)"
        }
    }

    /// `listAccounts` as people say it: `list accounts`.
    private static func words(_ operation: String) -> String {
        operation.reduce(into: "") { text, character in
            if character.isUppercase, text.last?.isLowercase == true { text.append(" ") }
            text += character.lowercased()
        }
    }

    var code: (ErrorCode, subject: String?) {
        switch self {
        case .notLoggedIn, .sessionEnded, .loginRefused: (.notAuthenticated, nil)
        case .noPeerCredentials, .callerNotAllowed: (.notPermitted, nil)
        case .outside(_, let id, _): (.notPermitted, id)
        case .noSuchPath(let path): (.notFound, path)
        case .methodNotAllowed(let path, _): (.methodNotAllowed, path)
        case .missingParameter(let name), .parameter(let name, _, _), .invalid(let name, _): (.badInput, name)
        case .bodyTooLarge: (.tooLarge, nil)
        case .notFound(_, let id): (.notFound, id)
        }
    }
}
