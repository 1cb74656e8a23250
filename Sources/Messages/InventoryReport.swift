import Inventory
import StrictJSON

/// The facts of a registered host, where they changed. `kind` inventory.
package struct InventoryReport: Equatable, Sendable {
    /// What the host calls the whole, after this report.
    package var digest: InventoryDigest
    package var contents: Contents
    package var agentVersion: String

    package init(digest: InventoryDigest, contents: Contents, agentVersion: String) {
        self.digest = digest
        self.contents = contents
        self.agentVersion = agentVersion
    }

    package enum Contents: Equatable, Sendable {
        case full(Inventory)
        /// To the inventory whose digest is the difference's `from`; a controller that does not have it answers `resync`.
        case difference(InventoryDifference)
    }
}

extension InventoryReport: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        digest = try json.parsed("digest", expected: InventoryDigest.expected, maximumLength: 64) { InventoryDigest($0) }
        agentVersion = try json.string("agentVersion", maximumLength: 128)
        if let full = try json.optionalFields("inventory") {
            contents = .full(try Inventory(json: full))
        } else {
            let difference = try InventoryDifference(json: json.fields("difference"))
            guard difference.to == digest else { throw .invalid(path: json.path("difference.to"), reason: "is not the report's digest") }
            contents = .difference(difference)
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("digest", digest.description)
            writer.member("agentVersion", agentVersion)
            switch contents {
            case .full(let inventory): writer.member("inventory", inventory)
            case .difference(let difference): writer.member("difference", difference)
            }
        }
    }
}
