import Identifiers
import StrictJSON

package struct SystemDocument: APIDocument, Equatable {
    package let systemID: SystemID
    package let plugin: String
    package let name: String
    package let vendor: String
    package let model: String?
    package let serialNumber: String
    package let firmware: String?
    package let health: String?
    package let capabilities: [String]
    /// Those that are not secret.
    package let options: [String: String]
    package let intervalSeconds: Int64
    package let state: SystemStateName
    package let addedAt: Timestamp
    package let lastDiscoveryAt: Timestamp?
    /// Since when and why it cannot be looked at, where it cannot.
    package let unreachableSince: Timestamp?
    package let problem: String?
    package let removedAt: Timestamp?
    /// What its plug-in said at the last discovery that was not believed.
    package let disbelieved: [DisbelievedDocument]

    package init(
        systemID: SystemID, plugin: String, name: String, vendor: String, model: String?, serialNumber: String, firmware: String?,
        health: String?, capabilities: [String], options: [String: String], intervalSeconds: Int64, state: SystemStateName,
        addedAt: Timestamp, lastDiscoveryAt: Timestamp?, unreachableSince: Timestamp?, problem: String?, removedAt: Timestamp?,
        disbelieved: [DisbelievedDocument]
    ) {
        self.systemID = systemID
        self.plugin = plugin
        self.name = name
        self.vendor = vendor
        self.model = model
        self.serialNumber = serialNumber
        self.firmware = firmware
        self.health = health
        self.capabilities = capabilities
        self.options = options
        self.intervalSeconds = intervalSeconds
        self.state = state
        self.addedAt = addedAt
        self.lastDiscoveryAt = lastDiscoveryAt
        self.unreachableSince = unreachableSince
        self.problem = problem
        self.removedAt = removedAt
        self.disbelieved = disbelieved
    }
}

package struct DisbelievedDocument: APIDocument, Equatable {
    package let object: String
    package let objectID: String?
    package let reason: String
    package let since: Timestamp

    package init(object: String, objectID: String?, reason: String, since: Timestamp) {
        self.object = object
        self.objectID = objectID
        self.reason = reason
        self.since = since
    }
}

package enum SystemStateName: String, APIEnumeration { case active, unreachable, removed }

package struct SystemList: APIDocument, Equatable {
    package let systems: [SystemDocument]
    package let next: String?

    package init(systems: [SystemDocument], next: String?) {
        self.systems = systems
        self.next = next
    }
}

package struct NewSystem: APIDocument {
    package let plugin: String
    package let options: [String: String]
    package let intervalSeconds: Int64?
    /// Names of `options` whose values stood in the arguments of a command, where others on the machine see them: refused where one of
    /// them is secret.
    package let shownOptions: [String]?

    package init(plugin: String, options: [String: String], intervalSeconds: Int64?, shownOptions: [String]? = nil) {
        self.plugin = plugin
        self.options = options
        self.shownOptions = shownOptions
        self.intervalSeconds = intervalSeconds
    }
}

package struct VolumeDocument: APIDocument, Equatable {
    package let systemID: SystemID
    package let volumeID: String
    package let name: String
    package let sizeBytes: Int64
    package let allocatedBytes: Int64?
    package let poolID: String?
    package let wwid: String
    package let health: String?
    package let replicaOf: String?
    package let replicaState: String?
    package let firstSeenAt: Timestamp
    /// When discovery saw that it is no longer there.
    package let goneAt: Timestamp?

    package init(
        systemID: SystemID, volumeID: String, name: String, sizeBytes: Int64, allocatedBytes: Int64?, poolID: String?, wwid: String,
        health: String?, replicaOf: String?, replicaState: String?, firstSeenAt: Timestamp, goneAt: Timestamp?
    ) {
        self.systemID = systemID
        self.volumeID = volumeID
        self.name = name
        self.sizeBytes = sizeBytes
        self.allocatedBytes = allocatedBytes
        self.poolID = poolID
        self.wwid = wwid
        self.health = health
        self.replicaOf = replicaOf
        self.replicaState = replicaState
        self.firstSeenAt = firstSeenAt
        self.goneAt = goneAt
    }
}

package struct VolumeList: APIDocument, Equatable {
    package let volumes: [VolumeDocument]
    package let next: String?

    package init(volumes: [VolumeDocument], next: String?) {
        self.volumes = volumes
        self.next = next
    }
}

package struct PortDocument: APIDocument, Equatable {
    package let systemID: SystemID
    package let portID: String
    package let transport: TransportName
    package let wwpn: String?
    package let iqn: String?
    package let nqn: String?
    package let portals: [String]?
    package let portalGroupTag: Int64?
    package let speedBitsPerSecond: Int64?
    package let state: String
    package let authentication: String?

    package init(
        systemID: SystemID, portID: String, transport: TransportName, wwpn: String?, iqn: String?, nqn: String?,
        portals: [String]?, portalGroupTag: Int64?, speedBitsPerSecond: Int64?, state: String, authentication: String?
    ) {
        self.systemID = systemID
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
}

package struct PortList: APIDocument, Equatable {
    package let ports: [PortDocument]
    package let next: String?

    package init(ports: [PortDocument], next: String?) {
        self.ports = ports
        self.next = next
    }
}

package struct MaskingDocument: APIDocument, Equatable {
    package let systemID: SystemID
    package let volumeID: String
    /// A WWPN, IQN or NQN; `*` where the volume is open to everybody.
    package let initiator: String
    package let lun: Int64?
    package let portIDs: [String]
    package let access: String
    package let since: Timestamp

    package init(
        systemID: SystemID, volumeID: String, initiator: String, lun: Int64?, portIDs: [String], access: String, since: Timestamp
    ) {
        self.systemID = systemID
        self.volumeID = volumeID
        self.initiator = initiator
        self.lun = lun
        self.portIDs = portIDs
        self.access = access
        self.since = since
    }
}

package struct MaskingList: APIDocument, Equatable {
    package let masking: [MaskingDocument]
    package let next: String?

    package init(masking: [MaskingDocument], next: String?) {
        self.masking = masking
        self.next = next
    }
}

/// That something of a storage system appeared, changed or went.
package struct HistoryDocument: APIDocument, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let systemID: SystemID
    package let object: String
    package let objectID: String
    package let change: ChangeKind
    /// Where it changed, only the members that differ.
    package let before: JSONValue?
    package let after: JSONValue?

    package init(
        sequence: Int64, at: Timestamp, systemID: SystemID, object: String, objectID: String, change: ChangeKind,
        before: JSONValue?, after: JSONValue?
    ) {
        self.sequence = sequence
        self.at = at
        self.systemID = systemID
        self.object = object
        self.objectID = objectID
        self.change = change
        self.before = before
        self.after = after
    }
}

package enum ChangeKind: String, APIEnumeration { case appeared, changed, went }

package struct HistoryList: APIDocument, Equatable {
    package let history: [HistoryDocument]
    package let next: String?

    package init(history: [HistoryDocument], next: String?) {
        self.history = history
        self.next = next
    }
}
