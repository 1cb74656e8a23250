import Identifiers
import StrictJSON

/// A target port of a storage system.
package struct StoragePort: SnapshotObject {
    package var portID: PortID
    /// fc, iscsi or nvme.
    package var transport: Transport
    package var wwpn: WWN?
    package var iqn: ISCSIName?
    package var nqn: NQN?
    /// `address:port`.
    package var portals: [String]
    package var portalGroupTag: Int64?
    package var speedBitsPerSecond: Int64?
    package var state: String
    package var authentication: String?

    package init(
        portID: PortID, transport: Transport, wwpn: WWN?, iqn: ISCSIName?, nqn: NQN?, portals: [String], portalGroupTag: Int64?,
        speedBitsPerSecond: Int64?, state: String, authentication: String?
    ) {
        self.portID = portID
        self.transport = transport
        self.wwpn = wwpn
        self.iqn = iqn
        self.nqn = nqn
        self.portals = portals
        self.portalGroupTag = portalGroupTag
        self.speedBitsPerSecond = speedBitsPerSecond
        self.state = state
        self.authentication = authentication
    }

    package static let kind = HistoryObject.port
    package var key: PortID { portID }
    package var historyID: String { portID.text }

    package var facts: JSONObject {
        JSONObject(present: [
            ("transport", .string(transport.rawValue)), ("wwpn", wwpn.map { .string($0.description) }),
            ("iqn", iqn.map { .string($0.description) }), ("nqn", nqn.map { .string($0.description) }),
            ("portals", portals.isEmpty ? nil : .array(portals.map { .string($0) })),
            ("portalGroupTag", portalGroupTag.map { .integer($0) }), ("speedBitsPerSecond", speedBitsPerSecond.map { .integer($0) }),
            ("state", .string(state)), ("authentication", authentication.map { .string($0) }),
        ])
    }
}
