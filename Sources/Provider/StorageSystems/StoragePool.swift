import Identifiers
import StrictJSON

/// A storage system's pool of capacity. Not the pool that a customer-admin assigns to a server-admin.
package struct StoragePool: SnapshotObject {
    package var poolID: StoragePoolID
    package var name: String
    package var totalBytes: Int64
    package var freeBytes: Int64
    package var raid: String?
    package var tier: String?
    package var health: String

    package init(poolID: StoragePoolID, name: String, totalBytes: Int64, freeBytes: Int64, raid: String?, tier: String?, health: String) {
        self.poolID = poolID
        self.name = name
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.raid = raid
        self.tier = tier
        self.health = health
    }

    package static let kind = HistoryObject.pool
    package static let usageMembers: Set<String> = ["freeBytes"]
    package var key: StoragePoolID { poolID }
    package var historyID: String { poolID.text }

    package var facts: JSONObject {
        JSONObject(present: [
            ("name", .string(name)), ("totalBytes", .integer(totalBytes)), ("freeBytes", .integer(freeBytes)),
            ("raid", raid.map { .string($0) }), ("tier", tier.map { .string($0) }), ("health", .string(health)),
        ])
    }
}
