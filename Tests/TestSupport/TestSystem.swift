import Identifiers
import Provider
import Store

/// A storage system as discovery would have found it: volumes, and who sees them.
package struct TestSystem: Sendable {
    package let id: SystemID
    let store: Store
    private let identity: StorageSystemIdentity

    package struct Malformed: Error { let what: String }

    package static func add(to store: Store) async throws -> TestSystem {
        guard let reported = ReportedSystemID("array-1") else { throw Malformed(what: "system ID") }
        let identity = StorageSystemIdentity(
            reportedID: reported, name: "array", vendor: "Test", model: "T1", serialNumber: "1", firmware: "1", health: "ok",
            capabilities: [])
        let id = SystemID.random()
        try await store.write {
            try $0.addStorageSystem(
                StorageSystem(systemID: id, plugin: "test", identity: identity, interval: .seconds(60), addedAt: $0.now), options: [:],
                secretOptions: [], by: .provider("test"))
        }
        return TestSystem(id: id, store: store, identity: identity)
    }

    /// A WWID made of the volume's name.
    package static func wwid(_ volume: String) -> String {
        "naa.6" + String((volume.utf8.map { String($0, radix: 16) }.joined() + String(repeating: "0", count: 31)).prefix(31))
    }

    /// Makes the volume (1 GiB) where there is none, and masks it to an initiator or to `*`.
    package func mask(_ volume: String, to initiator: String) async throws {
        guard let volumeID = VolumeID(volume), let name = MaskedInitiator(initiator), let wwid = WWID(Self.wwid(volume)) else {
            throw Malformed(what: volume)
        }
        try await change { snapshot in
            if !snapshot.volumes.contains(where: { $0.volumeID == volumeID }) {
                snapshot.volumes.append(
                    Volume(
                        volumeID: volumeID, name: volume, sizeBytes: 1 << 30, allocatedBytes: nil, poolID: nil, wwid: wwid, health: "ok",
                        replicaOf: nil, replicaState: nil))
            }
            snapshot.masking.append(MaskingEntry(volumeID: volumeID, initiator: name, lun: 1, portIDs: [], isReadOnly: false))
        }
    }

    package func unmask(_ volume: String) async throws {
        try await change { $0.masking.removeAll { $0.volumeID.text == volume } }
    }

    private func change(_ body: @escaping @Sendable (inout StorageSnapshot) -> Void) async throws {
        let id = id
        try await store.write { transaction in
            guard let system = try transaction.storageSystem(id) else { throw Malformed(what: "system") }
            let before = try transaction.storageSnapshot(of: system)
            var after = before
            body(&after)
            after.volumes.sort { $0.key < $1.key }
            after.masking.sort { $0.key < $1.key }
            try transaction.apply(SnapshotDifference(before, after), to: id)
        }
    }
}
