import StrictJSON

/// A host leaves: its key is removed on the host once this is published. `kind` farewell.
package struct Farewell: Equatable, Sendable {
    package var reason: String?

    package init(reason: String? = nil) { self.reason = reason }
}

extension Farewell: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        reason = try json.optionalString("reason", maximumLength: 1024)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { $0.member("reason", reason) }
    }
}
