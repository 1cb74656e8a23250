import Identifiers
import StrictJSON

/// An entry of `disk.list`.
package struct PluginDisk: Equatable, Sendable, JSONReadable, JSONWritable {
    package var diskID: DiskID
    package var name: String
    package var sizeBytes: Int64
    package var poolID: StoragePoolID?
    /// E.g. `ssd`, `hdd`, `file`.
    package var kind: String
    /// E.g. `data`, `spare`.
    package var role: String
    package var health: String

    package init(
        diskID: DiskID, name: String, sizeBytes: Int64, poolID: StoragePoolID? = nil, kind: String, role: String, health: String = "ok"
    ) {
        self.diskID = diskID
        self.name = name
        self.sizeBytes = sizeBytes
        self.poolID = poolID
        self.kind = kind
        self.role = role
        self.health = health
    }

    package init(json: JSONFields) throws(JSONError) {
        diskID = try json.id("diskID")
        name = try json.text("name", default: diskID.text)
        sizeBytes = try json.integer("sizeBytes")
        poolID = try json.optionalID("poolID")
        kind = try json.text("kind", default: "unknown")
        role = try json.text("role", default: "unknown")
        health = try json.text("health", default: "unknown")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("diskID", diskID.text)
            writer.member("name", name)
            writer.member("sizeBytes", sizeBytes)
            writer.member("poolID", poolID?.text)
            writer.member("kind", kind)
            writer.member("role", role)
            writer.member("health", health)
        }
    }
}
