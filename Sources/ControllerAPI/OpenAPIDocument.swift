import StrictJSON

/// The OpenAPI 3.1 document of the interface, made from the route table and the documents' types.
package enum OpenAPIDocument {
    package static func json(version: String) throws -> JSONValue {
        var schemas = SchemaReader()
        let errorReference = try schemas.reference(to: ErrorReply.self)
        var paths = JSONObject()
        for route in Route.all {
            var item = paths[route.path]?.objectValue ?? JSONObject()
            item[route.method.rawValue.lowercased()] = .object(try operation(route, error: errorReference, &schemas))
            paths[route.path] = .object(item)
        }
        let components = schemas.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return .object([
            "openapi": "3.1.0",
            "info": .object([
                "title": "Quartermaster controller",
                "version": .string(version),
                "summary": "Who uses whose storage, and on what evidence.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ]),
            "paths": .object(paths),
            // Over the Unix socket the peer credentials are the provider's way in; everybody else logs in.
            "security": .array([.object(["session": .array([])]), .object(JSONObject())]),
            "components": .object([
                "schemas": .object(JSONObject(components)),
                "securitySchemes": .object([
                    "session": [
                        "type": "http", "scheme": "bearer",
                        "description": "The token that POST /v1/session gave. Without one, the Unix socket's peer credentials decide.",
                    ]
                ]),
            ]),
        ])
    }

    private static func operation(_ route: Route, error: JSONValue, _ schemas: inout SchemaReader) throws -> JSONObject {
        var operation = JSONObject([
            ("operationId", .string(route.operation.rawValue)),
            ("summary", .string(route.summary)),
            ("x-callers", .array(Caller.allCases.filter(route.callers.contains).map { .string($0.rawValue) })),
        ])
        if route.isOpen { operation["security"] = .array([]) }
        let parameters =
            route.pathParameters.map { parameter($0, in: "path", ["type": "string"], nil) }
            + route.query.map { parameter($0.name, in: "query", $0.schema, $0.summary) }
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let request = route.request {
            operation["requestBody"] = .object([
                "required": .bool(request != Reason.self), "content": content("application/json", try schemas.reference(to: request)),
            ])
        }
        let answer: JSONValue
        if let response = route.response {
            answer = content("application/json", try schemas.reference(to: response))
        } else {
            answer = content(route.contentType ?? "application/json", .object(JSONObject()))
        }
        operation["responses"] = .object([
            "200": .object(["description": "Done.", "content": answer]),
            "default": .object(["description": "Not done, and why.", "content": content("application/json", error)]),
        ])
        return operation
    }

    private static func parameter(_ name: String, in place: String, _ schema: JSONValue, _ summary: String?) -> JSONValue {
        var object = JSONObject([("name", .string(name)), ("in", .string(place)), ("required", .bool(place == "path")), ("schema", schema)])
        if let summary { object["description"] = .string(summary) }
        return .object(object)
    }

    private static func content(_ type: String, _ schema: JSONValue) -> JSONValue {
        .object(JSONObject([(type, .object(JSONObject([("schema", schema)])))]))
    }
}
