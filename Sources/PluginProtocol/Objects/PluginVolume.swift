import Identifiers
import StrictJSON

/// An entry of `volume.list`.
package struct PluginVolume: Equatable, Sendable, JSONReadable, JSONWritable {
    package var volumeID: VolumeID
    package var name: String
    package var sizeBytes: Int64
    package var allocatedBytes: Int64?
    package var poolID: StoragePoolID?
    /// As a Linux initiator sees it in sysfs.
    package var wwid: WWID
    package var health: String
    package var replicaOf: VolumeID?
    /// `synchronised`, `copying`, `split` or another word of the system's.
    package var replicaState: String?

    package init(
        volumeID: VolumeID, name: String, sizeBytes: Int64, allocatedBytes: Int64? = nil, poolID: StoragePoolID? = nil, wwid: WWID,
        health: String = "ok", replicaOf: VolumeID? = nil, replicaState: String? = nil
    ) {
        self.volumeID = volumeID
        self.name = name
        self.sizeBytes = sizeBytes
        self.allocatedBytes = allocatedBytes
        self.poolID = poolID
        self.wwid = wwid
        self.health = health
        self.replicaOf = replicaOf
        self.replicaState = replicaState
    }

    package init(json: JSONFields) throws(JSONError) {
        volumeID = try json.id("volumeID")
        name = try json.text("name", default: volumeID.text)
        sizeBytes = try json.integer("sizeBytes")
        allocatedBytes = try json.optionalInteger("allocatedBytes")
        poolID = try json.optionalID("poolID")
        wwid = try json.parsed("wwid", expected: "a WWID") { WWID($0) }
        health = try json.text("health", default: "unknown")
        replicaOf = try json.optionalID("replicaOf")
        replicaState = try json.optionalText("replicaState")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("volumeID", volumeID.text)
            writer.member("name", name)
            writer.member("sizeBytes", sizeBytes)
            writer.member("allocatedBytes", allocatedBytes)
            writer.member("poolID", poolID?.text)
            writer.member("wwid", wwid.description)
            writer.member("health", health)
            writer.member("replicaOf", replicaOf?.text)
            writer.member("replicaState", replicaState)
        }
    }
}
