import Identifiers
import StrictJSON

/// An entry of `pool.list`.
package struct PluginPool: Equatable, Sendable, JSONReadable, JSONWritable {
    package var poolID: StoragePoolID
    package var name: String
    package var totalBytes: Int64
    package var freeBytes: Int64
    package var raid: String?
    package var tier: String?
    package var health: String

    package init(
        poolID: StoragePoolID, name: String, totalBytes: Int64, freeBytes: Int64, raid: String? = nil, tier: String? = nil,
        health: String = "ok"
    ) {
        self.poolID = poolID
        self.name = name
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.raid = raid
        self.tier = tier
        self.health = health
    }

    package init(json: JSONFields) throws(JSONError) {
        poolID = try json.id("poolID")
        name = try json.text("name", default: poolID.text)
        totalBytes = try json.integer("totalBytes")
        freeBytes = try json.integer("freeBytes")
        guard freeBytes <= totalBytes else { throw .invalid(path: json.path("freeBytes"), reason: "is more than totalBytes") }
        raid = try json.optionalText("raid")
        tier = try json.optionalText("tier")
        health = try json.text("health", default: "unknown")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("poolID", poolID.text)
            writer.member("name", name)
            writer.member("totalBytes", totalBytes)
            writer.member("freeBytes", freeBytes)
            writer.member("raid", raid)
            writer.member("tier", tier)
            writer.member("health", health)
        }
    }
}
