import Identifiers
import Provider
import Testing

/// Small views of a storage system for tests.
enum SnapshotSamples {
    static func id<Kind>(_ text: String) throws -> StorageObjectID<Kind> { try #require(StorageObjectID(text)) }

    static func identity(_ serial: String = "SN1", firmware: String = "1.0") throws -> StorageSystemIdentity {
        StorageSystemIdentity(
            reportedID: try id("array"), name: "lab", vendor: "ACME", model: "Sim", serialNumber: serial, firmware: firmware, health: "ok",
            capabilities: ["volume.list"])
    }

    static func volume(_ name: String, size: Int64 = 1 << 30, wwid: String? = nil, allocated: Int64? = nil) throws -> Volume {
        Volume(
            volumeID: try id(name), name: name, sizeBytes: size, allocatedBytes: allocated, poolID: nil,
            wwid: try #require(WWID(wwid ?? "t10.\(name)")), health: "ok", replicaOf: nil, replicaState: nil)
    }

    static func port(_ name: String = "p1") throws -> StoragePort {
        StoragePort(
            portID: try id(name), transport: .iscsi, wwpn: nil, iqn: ISCSIName("iqn.2026-11.example.array:\(name)"), nqn: nil,
            portals: ["10.0.0.1:3260"], portalGroupTag: 1, speedBitsPerSecond: nil, state: "online", authentication: nil)
    }

    static func masking(_ volume: String, _ initiator: String, lun: Int64 = 1, ports: [String] = ["p1"], readOnly: Bool = false) throws
        -> MaskingEntry
    {
        MaskingEntry(
            volumeID: try id(volume), initiator: try #require(MaskedInitiator(initiator)), lun: lun, portIDs: try ports.map { try id($0) },
            isReadOnly: readOnly)
    }

    static func session(_ initiator: String, port: String = "p1") throws -> StorageSession {
        StorageSession(initiator: try #require(InitiatorName(initiator)), portID: try id(port), address: "10.0.0.9", since: nil)
    }
}
