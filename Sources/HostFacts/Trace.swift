import StrictJSON

/// Where values came from, for `--explain`: each attempt in order, with the field, the file and what was found there.
package final class Trace {
    package struct Step: Equatable, Sendable {
        package let field: String
        /// From the root, with a slash before it; or a system call in its manual's words: `uname(2)`.
        package let path: String
        package let outcome: String
    }

    /// The thing whose fields are read at the moment: `sda`, `host6`, `/home`, `host`.
    var subject = ""
    package internal(set) var steps: [String: [Step]] = [:]

    package init() {}

    func add(_ field: StaticString, _ path: String, _ outcome: String) {
        steps[subject, default: []].append(Step(field: field.description, path: "/" + path, outcome: outcome))
    }

    /// A value that no file says.
    func add(_ field: StaticString, call: StaticString, _ outcome: String) {
        steps[subject, default: []].append(Step(field: field.description, path: call.description, outcome: outcome))
    }

    /// A value that was read, in words; of what is no single value, only that it was read.
    static func outcome<Value>(_ value: Value) -> String {
        // A cast looks into optional values.
        switch value as Any {
        case let value as any JSONWritable: JSONValue.written(by: value).map(text) ?? "read"
        case let texts as [String]: texts.joined(separator: " ")
        case let text as String: text
        case is any Sequence: "read"
        case let value as any CustomStringConvertible: value.description
        default: Mirror(reflecting: value).displayStyle == .optional ? "none" : "read"
        }
    }

    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .array(let values): values.isEmpty ? "none" : values.map(text).joined(separator: " ")
        case .object(let object): object.members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
        case .number, .null: "a value"
        }
    }
}

extension JSONValue {
    /// What a value writes, as it is read back.
    static func written(by value: some JSONWritable) -> JSONValue? {
        // What this program wrote itself is JSON.
        try? JSONValue.parse(value.jsonBytes)
    }
}
