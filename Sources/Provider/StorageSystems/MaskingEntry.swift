import Identifiers
import StrictJSON

/// That an initiator, or everybody, sees a volume as a logical unit on some ports.
package struct MaskingEntry: SnapshotObject {
    package struct Key: Hashable, Comparable, Sendable {
        package let volumeID: VolumeID
        package let initiator: MaskedInitiator
        package let lun: Int64

        package static func < (left: Key, right: Key) -> Bool {
            (left.volumeID, left.initiator, left.lun) < (right.volumeID, right.initiator, right.lun)
        }
    }

    package var volumeID: VolumeID
    package var initiator: MaskedInitiator
    package var lun: Int64
    /// Sorted.
    package var portIDs: [PortID]
    package var isReadOnly: Bool

    package init(volumeID: VolumeID, initiator: MaskedInitiator, lun: Int64, portIDs: [PortID], isReadOnly: Bool) {
        self.volumeID = volumeID
        self.initiator = initiator
        self.lun = lun
        self.portIDs = portIDs.sorted()
        self.isReadOnly = isReadOnly
    }

    package static let kind = HistoryObject.masking
    package var key: Key { Key(volumeID: volumeID, initiator: initiator, lun: lun) }
    /// `volume initiator lun`.
    package var historyID: String { "\(volumeID) \(initiator) \(lun)" }
    /// As on the wire: `rw` or `ro`.
    package var access: String { isReadOnly ? "ro" : "rw" }

    package var facts: JSONObject {
        JSONObject([
            ("volumeID", .string(volumeID.text)), ("initiator", .string(initiator.description)), ("lun", .integer(lun)),
            ("portIDs", .array(portIDs.map { .string($0.text) })), ("access", .string(access)),
        ])
    }
}
