import StrictJSON

/// What one request does. The server answers each by exactly one handler, and the OpenAPI document lists each once.
package struct Route: Sendable {
    package let operation: Operation
    package let method: HTTPMethod
    /// `/v1/accounts/{accountID}`: each parameter is one segment.
    package let path: String
    package let summary: String
    /// Who may call it. Customers' users see only what belongs to their own account.
    package let callers: Set<Caller>
    /// Answers anybody, logged in or not.
    package let isOpen: Bool
    package let query: [QueryParameter]
    package let request: (any APIDocument.Type)?
    package let response: (any APIDocument.Type)?
    /// Of the answer, where `response` is nil.
    package let contentType: String?

    package init(
        _ operation: Operation, _ method: HTTPMethod, _ path: String, _ summary: String, callers: Set<Caller> = [.provider],
        isOpen: Bool = false, query: [QueryParameter] = [], request: (any APIDocument.Type)? = nil, response: (any APIDocument.Type)? = nil,
        contentType: String? = nil
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.summary = summary
        self.callers = callers
        self.isOpen = isOpen
        self.query = query
        self.request = request
        self.response = response
        self.contentType = contentType
    }

    /// The names in braces, in their order.
    package var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// The path with its parameters filled in, percent-encoded. Nil where one is missing or empty.
    package func path(_ parameters: [String: String]) -> String? {
        var result = ""
        for segment in path.split(separator: "/") {
            result += "/"
            if segment.hasPrefix("{") {
                guard let value = parameters[String(segment.dropFirst().dropLast())], !value.isEmpty else { return nil }
                result += percentEncoded(value)
            } else {
                result += segment
            }
        }
        return result
    }

    package static let all: [Route] =
        controller + sessions + accounts + domains + users + tokens + pads + systems + hosts + instructions + initiators + associations
        + notifications + audit

    package static func of(_ operation: Operation) -> Route? { byOperation[operation] }

    private static let byOperation = Dictionary(all.map { ($0.operation, $0) }) { first, _ in first }
}

package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}

/// Who makes a request, as far as that decides what may be asked.
package enum Caller: String, Sendable, CaseIterable {
    /// Whoever the socket's peer credentials make one.
    case provider = "provider-admin"
    case customerAdmin = "customer-admin"
    case domainAdmin = "domain-admin"
    case serverAdmin = "server-admin"
    case endUser = "end-user"
}

extension Set<Caller> {
    package static let everybody = Set(Caller.allCases)
    package static let administrators: Set<Caller> = [.provider, .customerAdmin, .domainAdmin]
    /// Those who administer hosts: all that they may see, or the hosts that they registered themselves.
    package static let hostAdministrators = administrators.union([.serverAdmin])
}

package struct QueryParameter: Sendable {
    package let name: String
    package let schema: JSONValue
    package let summary: String

    package init(_ name: String, _ summary: String, schema: JSONValue = ["type": "string"]) {
        self.name = name
        self.summary = summary
        self.schema = schema
    }

    package static let newestFirst = QueryParameter("newestFirst", "Backwards: the last comes first.", schema: ["type": "boolean"])
    package static let includeClosed = QueryParameter("includeClosed", "Also what was closed.", schema: ["type": "boolean"])
    package static let account = QueryParameter("account", "Only what belongs to this account.")
    package static let limit = QueryParameter(
        "limit", "At most so many entries; 100 where it is not given.", schema: ["type": "integer", "minimum": 1, "maximum": 1000])
    package static let after = QueryParameter("after", "The next of the page before: only what comes after it.")
    package static let system = QueryParameter("system", "Only what belongs to this storage system.")
    package static let dryRun = QueryParameter("dryRun", "Says what would be done, and does nothing.", schema: ["type": "boolean"])
    package static let recreate = QueryParameter(
        "recreate", "Makes the pad anew where its directory holds nothing of it.", schema: ["type": "boolean"])

    package static let page = [account, limit, after]
}

/// RFC 3986: everything but unreserved characters, and the `:` and `@` that a path segment may have as they are.
package func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            bytes.append(byte)
        default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
