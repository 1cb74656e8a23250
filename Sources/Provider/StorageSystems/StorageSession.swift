import Identifiers
import StrictJSON

/// That an initiator is logged in at a port.
package struct StorageSession: SnapshotObject {
    package struct Key: Hashable, Comparable, Sendable {
        package let initiator: InitiatorName
        package let portID: PortID
        /// Empty where it is not known.
        package let address: String

        package static func < (left: Key, right: Key) -> Bool {
            (left.initiator, left.portID, left.address) < (right.initiator, right.portID, right.address)
        }
    }

    package var initiator: InitiatorName
    package var portID: PortID
    package var address: String?
    /// Since when, by the storage system's word.
    package var since: Timestamp?

    package init(initiator: InitiatorName, portID: PortID, address: String?, since: Timestamp?) {
        self.initiator = initiator
        self.portID = portID
        self.address = address
        self.since = since
    }

    package static let kind = HistoryObject.session
    package var key: Key { Key(initiator: initiator, portID: portID, address: address ?? "") }
    package var historyID: String { "\(initiator) \(portID)" }

    package var facts: JSONObject {
        JSONObject(present: [
            ("initiator", .string(initiator.description)), ("portID", .string(portID.text)), ("address", address.map { .string($0) }),
            ("since", since.map { .string($0.description) }),
        ])
    }
}
