import StrictJSON

extension Inventory {
    /// A program of interest to whoever plans storage: a database, a hypervisor, a file server.
    package struct Application: InventoryEntry {
        package var name: String
        package var version: String?
        /// How it was found: `package postgresql-15`, `process postgres`.
        package var evidence: String

        package init(name: String, version: String? = nil, evidence: String) {
            self.name = name
            self.version = version
            self.evidence = evidence
        }

        package var key: String { "\(name) \(evidence)" }
    }
}

extension Inventory.Application: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", version)
            writer.member("evidence", evidence)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        version = try fields.optionalString("version", maximumLength: 255)
        evidence = try fields.string("evidence", maximumLength: 1024)
    }
}
