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
