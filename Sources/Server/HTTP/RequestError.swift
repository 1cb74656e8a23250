import ControllerAPI

/// A request that cannot be done as it is, before any daemon or table is asked.
package enum RequestError: Error, Equatable, Sendable {
    case noPeerCredentials
    case notProvider(user: String)
    case callerNotAllowed(operation: String)
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
        case .notProvider(let user):
            "\(user) is not one of the provider's people here; ask as root, as the controller's own user, "
                + "or as a member of the group that the configuration names as providerGroup"
        case .callerNotAllowed(let operation): "your role does not allow \(operation)"
        case .noSuchPath(let path): "there is nothing at \(path); the interface is described at /openapi.json"
        case .methodNotAllowed(let path, let allowed): "\(path) answers \(allowed.joined(separator: " and ")) alone"
        case .missingParameter(let name): "the parameter \(name) is missing"
        case .parameter(let name, let value, let expected): "\(name) is \"\(value)\"; expected \(expected)"
        case .bodyTooLarge(let limit): "the request is larger than \(limit) bytes"
        case .invalid(let field, let reason): "\(field) \(reason)"
        case .notFound(let what, let id): "there is no \(what) \(id)"
        }
    }

    var code: (ErrorCode, subject: String?) {
        switch self {
        case .noPeerCredentials, .notProvider, .callerNotAllowed: (.notPermitted, nil)
        case .noSuchPath(let path): (.notFound, path)
        case .methodNotAllowed(let path, _): (.methodNotAllowed, path)
        case .missingParameter(let name), .parameter(let name, _, _), .invalid(let name, _): (.badInput, name)
        case .bodyTooLarge: (.tooLarge, nil)
        case .notFound(_, let id): (.notFound, id)
        }
    }
}
