import StrictJSON

extension Inventory {
    /// A field that exists and could not be told, with why.
    package struct Problem: InventoryEntry {
        /// The file, below the root that was read.
        package var path: String
        /// The field that is left out: `wwid`, `sizeBytes`.
        package var field: String
        /// `unreadable: Permission denied`, `malformed: …`, `timed out after 2 s`.
        package var reason: String

        package init(path: String, field: String, reason: String) {
            self.path = path
            self.field = field
            self.reason = reason
        }

        package var key: String { "\(path) \(field)" }
    }
}

extension Inventory.Problem: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("path", path)
            writer.member("field", field)
            writer.member("reason", reason)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        path = try fields.string("path", maximumLength: 4096)
        field = try fields.string("field", maximumLength: 255)
        reason = try fields.string("reason", maximumLength: 1024)
    }
}
