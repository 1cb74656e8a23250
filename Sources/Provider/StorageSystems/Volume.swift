import Identifiers
import StrictJSON

/// A volume of a storage system.
package struct Volume: SnapshotObject {
    package var volumeID: VolumeID
    package var name: String
    package var sizeBytes: Int64
    package var allocatedBytes: Int64?
    package var poolID: StoragePoolID?
    package var wwid: WWID
    package var health: String
    package var replicaOf: VolumeID?
    package var replicaState: String?

    package init(
        volumeID: VolumeID, name: String, sizeBytes: Int64, allocatedBytes: Int64?, poolID: StoragePoolID?, wwid: WWID, health: String,
        replicaOf: VolumeID?, replicaState: String?
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

    package static let kind = HistoryObject.volume
    package static let usageMembers: Set<String> = ["allocatedBytes"]
    package var key: VolumeID { volumeID }
    package var historyID: String { volumeID.text }

    package var facts: JSONObject {
        JSONObject(present: [
            ("name", .string(name)), ("sizeBytes", .integer(sizeBytes)), ("allocatedBytes", allocatedBytes.map { .integer($0) }),
            ("poolID", poolID.map { .string($0.text) }), ("wwid", .string(wwid.description)), ("health", .string(health)),
            ("replicaOf", replicaOf.map { .string($0.text) }), ("replicaState", replicaState.map { .string($0) }),
        ])
    }
}
