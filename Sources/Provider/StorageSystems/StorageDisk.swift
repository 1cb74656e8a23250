import Identifiers
import StrictJSON

/// A disk of a storage system, or what stands for one.
package struct StorageDisk: SnapshotObject {
    package var diskID: DiskID
    package var name: String
    package var sizeBytes: Int64
    package var poolID: StoragePoolID?
    package var diskKind: String
    package var role: String
    package var health: String

    package init(diskID: DiskID, name: String, sizeBytes: Int64, poolID: StoragePoolID?, diskKind: String, role: String, health: String) {
        self.diskID = diskID
        self.name = name
        self.sizeBytes = sizeBytes
        self.poolID = poolID
        self.diskKind = diskKind
        self.role = role
        self.health = health
    }

    package static let kind = HistoryObject.disk
    package var key: DiskID { diskID }
    package var historyID: String { diskID.text }

    package var facts: JSONObject {
        JSONObject(present: [
            ("name", .string(name)), ("sizeBytes", .integer(sizeBytes)), ("poolID", poolID.map { .string($0.text) }),
            ("kind", .string(diskKind)), ("role", .string(role)), ("health", .string(health)),
        ])
    }
}
