import ControllerAPI

/// One request to the controller, named by its operation: the route table says the rest.
struct ControllerRequest {
    let operation: ControllerAPI.Operation
    let parameters: [String: String]
    let query: [String: String]
    let body: (any APIDocument)?

    init(
        _ operation: ControllerAPI.Operation, _ parameters: [String: String] = [:], query: [String: String] = [:],
        body: (any APIDocument)? = nil
    ) {
        self.operation = operation
        self.parameters = parameters
        self.query = query
        self.body = body
    }

    /// How the command line says what the controller's refusals call by the names of the interface.
    var options: [String: String] {
        var options = ["after": "--after", "limit": "--limit", "account": "--account", "system": "--system", "reason": "--reason"]
        switch operation {
        case .createAccount, .createDomain, .createUser: options["name"] = "--name"
        default: break
        }
        return options
    }

    /// Path and query. Throws where a path parameter is empty.
    func target(of route: Route) throws(CommandFailure) -> String {
        guard var target = route.path(parameters) else {
            throw CommandFailure(.usage, "an empty ID names nothing; give \(route.pathParameters.joined(separator: " and "))")
        }
        let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(percentEncoded($0.value))" }
        if !pairs.isEmpty { target += "?" + pairs.joined(separator: "&") }
        return target
    }
}
