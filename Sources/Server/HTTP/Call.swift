import ControllerAPI
import Identifiers
import Provider

/// One request after its route was found and its caller let in: all that a handler sees of it.
package struct Call: Sendable {
    package let operation: Operation
    package let caller: CallerIdentity
    /// How far the caller may do this.
    package let reach: Reach
    /// Whose connection it came on, and the session token that came with it.
    package let peer: PeerCredentials
    package let token: [UInt8]?
    package let parameters: [String: String]
    package let query: [String: String]
    package let body: [UInt8]

    package static let maximumBodyBytes = 1 << 20

    /// The document in the body. Throws `JSONError`, also where it has a member that this program does not know: what is asked for must
    /// not be left undone for a slip of the pen.
    func document<Document: APIDocument>(_ type: Document.Type) throws -> Document {
        try APICoding.refuseUnknown(in: body, type, limit: Self.maximumBodyBytes)
        return try APICoding.decode(type, from: body, limit: Self.maximumBodyBytes)
    }

    /// The reason that many requests may give; an empty body is none.
    func reason() throws -> String? {
        guard !body.isEmpty else { return nil }
        guard let reason = try document(Reason.self).reason, !reason.isEmpty else { return nil }
        guard reason.utf8.count <= 1_000 else { throw RequestError.invalid(field: "reason", reason: "is longer than 1000 bytes") }
        return reason
    }

    /// A path parameter as what it is.
    func parameter<Value: APIText>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let text = parameters[name] else { throw RequestError.missingParameter(name) }
        guard let value = Value(text) else { throw RequestError.parameter(name: name, value: text, expected: Value.meaning) }
        return value
    }

    func text(_ name: String) throws -> String {
        guard let text = parameters[name] else { throw RequestError.missingParameter(name) }
        return text
    }

    func optionalQuery<Value: APIText>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let text = query[name] else { return nil }
        guard let value = Value(text) else { throw RequestError.parameter(name: name, value: text, expected: Value.meaning) }
        return value
    }

    /// The account that a list of the provider's is asked for.
    func account() throws -> AccountID? { try optionalQuery("account") }

    /// What a list may show: what was asked for of what the caller may see.
    func listReach() throws -> Reach {
        guard let asked: AccountID = try account() else { return reach }
        if reach == .everything { return .account(asked) }
        guard reach.accountID == asked else { throw outside("account", asked.text) }
        return reach
    }

    /// Throws where an account is not the caller's; one that is not there is no other case to those who may not know.
    func require(_ account: AccountID) throws {
        guard reach.includes(account) else { throw outside("account", account.text) }
    }

    func outside(_ what: String, _ id: String) -> RequestError { .outside(what: what, id: id, caller: caller.name) }

    func dryRun() throws -> Bool { try flag("dryRun") }

    func flag(_ name: String) throws -> Bool {
        switch query[name] {
        case nil, "false": return false
        case "true": return true
        case let text?: throw RequestError.parameter(name: name, value: text, expected: "true or false")
        }
    }

    /// 1 to 1000; 100 where nothing is asked.
    func limit() throws -> Int {
        guard let text = query["limit"] else { return 100 }
        guard let limit = Int(text), (1...1_000).contains(limit) else {
            throw RequestError.parameter(name: "limit", value: text, expected: "a number from 1 to 1000")
        }
        return limit
    }

    /// The cursor that a page before gave: opaque to clients, one key or several joined by spaces for us.
    func after() throws -> String? {
        guard let text = query["after"] else { return nil }
        guard (1...1_024).contains(text.utf8.count) else {
            throw RequestError.parameter(name: "after", value: String(text.prefix(40)), expected: "the next of a page before")
        }
        return text
    }
}
