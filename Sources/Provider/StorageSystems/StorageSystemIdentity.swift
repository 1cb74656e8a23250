import Identifiers
import StrictJSON

/// What a storage system says of itself.
package struct StorageSystemIdentity: Equatable, Sendable {
    package var reportedID: ReportedSystemID
    package var name: String
    package var vendor: String
    package var model: String
    package var serialNumber: String
    package var firmware: String
    package var health: String
    /// Method names, features, and limits as `name=value`, sorted.
    package var capabilities: [String]

    package init(
        reportedID: ReportedSystemID, name: String, vendor: String, model: String, serialNumber: String, firmware: String, health: String,
        capabilities: [String]
    ) {
        self.reportedID = reportedID
        self.name = name
        self.vendor = vendor
        self.model = model
        self.serialNumber = serialNumber
        self.firmware = firmware
        self.health = health
        self.capabilities = capabilities
    }

    /// What must never change: another vendor, serial number or own ID is another machine, or a lie.
    package func isSameMachine(as other: StorageSystemIdentity) -> Bool {
        reportedID == other.reportedID && vendor == other.vendor && serialNumber == other.serialNumber
    }
}

extension StorageSystemIdentity: SnapshotObject {
    package static let kind = HistoryObject.system
    package var key: String { reportedID.text }
    package var historyID: String { reportedID.text }

    package var facts: JSONObject {
        JSONObject([
            ("name", .string(name)), ("vendor", .string(vendor)), ("model", .string(model)), ("serialNumber", .string(serialNumber)),
            ("firmware", .string(firmware)), ("health", .string(health)), ("capabilities", .array(capabilities.map { .string($0) })),
        ])
    }
}
