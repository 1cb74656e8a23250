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

        /// What is longer than a reader takes is cut: a path may be anybody's, and its bytes may have grown when they became UTF-8.
        package init(path: String, field: String, reason: String) {
            self.path = path.cut(to: Self.pathLimit)
            self.field = field.cut(to: Self.fieldLimit)
            self.reason = reason.cut(to: Self.reasonLimit)
        }

        private static let pathLimit = 4096
        private static let fieldLimit = 255
        private static let reasonLimit = 1024

        package var key: String { "\(path) \(field)" }

        /// A file system did not say its size in time.
        var isOfSlowness: Bool { field == "sizeBytes" && reason.hasPrefix("timed out") }
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
        path = try fields.string("path", maximumLength: Self.pathLimit)
        field = try fields.string("field", maximumLength: Self.fieldLimit)
        reason = try fields.string("reason", maximumLength: Self.reasonLimit)
    }
}
