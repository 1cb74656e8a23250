import StrictJSON

/// Why a plug-in could not do what it was asked, in words that a program can act on.
package enum PluginFaultKind: String, Sendable, CaseIterable {
    case notFound, exists, invalid, noSpace, inUse, notPermitted, unsupported
    /// For now: the same request may be sent again.
    case unavailable
    case conflict
    case `internal`
}

/// The error answer of a plug-in: `{"code", "message", "data": {"kind", "field"?}}`.
package struct PluginFault: Error, Equatable, Sendable {
    package var kind: PluginFaultKind
    /// For people; never a secret. At most 4,096 bytes are kept, without control characters.
    package var message: String
    /// For `invalid`: which parameter.
    package var field: String?
    /// JSON-RPC's number.
    package var code: Int64

    package init(_ kind: PluginFaultKind, _ message: String, field: String? = nil, code: Int64? = nil) {
        self.kind = kind
        self.message = message
        self.field = field
        self.code = code ?? (kind == .invalid ? Code.invalidParameters : Code.server)
    }

    package static func invalid(_ field: String, _ reason: String) -> Self { Self(.invalid, "\(field) \(reason)", field: field) }

    /// The answer to a method that is not among the capabilities.
    package static func unlisted(_ method: String) -> Self {
        Self(.unsupported, "method \(method.prefix(100)) is not offered by this plug-in", code: Code.methodNotFound)
    }

    /// What is wrong with parameters that were read as JSON.
    package init(parameters error: JSONError) {
        switch error {
        case .missing(let path): self = .invalid(path, "is missing")
        case .wrongType(let path, let expected): self = .invalid(path, "is not \(expected)")
        case .invalid(let path, let reason): self = .invalid(path, reason)
        default: self.init(.invalid, error.description)
        }
    }

    /// JSON-RPC 2.0, section 5.1.
    package enum Code {
        package static let parse: Int64 = -32700
        package static let request: Int64 = -32600
        package static let methodNotFound: Int64 = -32601
        package static let invalidParameters: Int64 = -32602
        package static let `internal`: Int64 = -32603
        /// The reserved range's first: the kind says what it is.
        package static let server: Int64 = -32000
    }
}

extension PluginFault: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(message)" }
}

extension PluginFault: JSONReadable, JSONWritable {
    /// A missing or unknown kind is read as `internal`, a missing one of -32601 as `unsupported`: other languages' JSON-RPC libraries answer
    /// unknown methods without our data.
    package init(json: JSONFields) throws(JSONError) {
        code = try json.integer("code", in: Int64.min...Int64.max)
        message = PluginText.cleaned(try json.optionalString("message", maximumLength: 64 << 10) ?? "")
        let data: JSONFields?
        if case .object = json.object["data"] { data = try json.fields("data") } else { data = nil }
        let word = try data?.optionalString("kind")
        switch (word.flatMap(PluginFaultKind.init(rawValue:)), code) {
        case (let known?, _): kind = known
        case (nil, Code.methodNotFound): kind = .unsupported
        case (nil, Code.invalidParameters): kind = .invalid
        default: kind = .internal
        }
        field = try data?.optionalString("field").map { PluginText.cleaned($0, limit: 256) }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", message)
            writer.member("data") { data in
                data.member("kind", kind.rawValue)
                data.member("field", field)
            }
        }
    }
}
