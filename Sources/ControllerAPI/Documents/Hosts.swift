import Identifiers
import StrictJSON

package struct HostDocument: APIDocument, Equatable {
    package let hostID: HostID
    package let hostName: String
    package let accountID: AccountID
    /// Absent on a host that was taken in again by its certificate after a restore.
    package let domain: String?
    package let state: HostStateName
    package let registeredAt: Timestamp
    package let lastReportAt: Timestamp?
    package let initiators: [HostInitiatorDocument]
    package let machineID: String
    /// 2, 3 or 4: how much its administrators are willing to tell.
    package let level: Int
    /// Hosts of an account that declare the same cluster share volumes.
    package let cluster: String?
    package let agentVersion: String
    /// `user:ID`, `token:ID` or `certificate`.
    package let registeredBy: String
    package let removedAt: Timestamp?
    /// With `host show`: the facts, as the host sent them last.
    package let inventory: JSONValue?
    /// With `host show`: the file systems with their latest usage.
    package let fileSystems: [JSONValue]?
    /// With `host show`: the last ten, the oldest first.
    package let instructions: [InstructionDocument]?
    /// With `host remove` alone: the associations that change by it.
    package let changes: [AssociationChangeDocument]?

    package init(
        hostID: HostID, hostName: String, accountID: AccountID, domain: String?, state: HostStateName, registeredAt: Timestamp,
        lastReportAt: Timestamp?, initiators: [HostInitiatorDocument], machineID: String, level: Int, cluster: String?,
        agentVersion: String, registeredBy: String, removedAt: Timestamp?, inventory: JSONValue? = nil,
        fileSystems: [JSONValue]? = nil, instructions: [InstructionDocument]? = nil,
        changes: [AssociationChangeDocument]? = nil
    ) {
        self.hostID = hostID
        self.hostName = hostName
        self.accountID = accountID
        self.domain = domain
        self.state = state
        self.registeredAt = registeredAt
        self.lastReportAt = lastReportAt
        self.initiators = initiators
        self.machineID = machineID
        self.level = level
        self.cluster = cluster
        self.agentVersion = agentVersion
        self.registeredBy = registeredBy
        self.removedAt = removedAt
        self.inventory = inventory
        self.fileSystems = fileSystems
        self.instructions = instructions
        self.changes = changes
    }
}

package enum HostStateName: String, APIEnumeration { case registered, unregistered, suspended }

package enum TransportName: String, APIEnumeration { case fc, iscsi, nvme, sas }

/// A host's port: exactly one of the three names.
package struct HostInitiatorDocument: APIDocument, Equatable {
    package let transport: TransportName
    package let wwpn: String?
    package let iqn: String?
    package let nqn: String?

    package init(_ name: InitiatorName) {
        var wwpn: String?
        var iqn: String?
        var nqn: String?
        switch name {
        case .wwpn(let name):
            transport = .fc
            wwpn = name.description
        case .iqn(let name):
            transport = .iscsi
            iqn = name.description
        case .nqn(let name):
            transport = .nvme
            nqn = name.description
        }
        self.wwpn = wwpn
        self.iqn = iqn
        self.nqn = nqn
    }

    /// The one name there is, for people.
    package var name: String { wwpn ?? iqn ?? nqn ?? "" }
}

package struct HostList: APIDocument, Equatable {
    package let hosts: [HostDocument]
    package let next: String?

    package init(hosts: [HostDocument], next: String?) {
        self.hosts = hosts
        self.next = next
    }
}

/// Why the provider suspends, resumes, releases or removes; it stands in the audit.
package struct Reason: APIDocument, Equatable {
    package let reason: String?
    package init(reason: String?) { self.reason = reason }
}
