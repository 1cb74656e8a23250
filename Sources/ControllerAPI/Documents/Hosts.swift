import Identifiers
import StrictJSON

package struct HostDocument: APIDocument, Equatable {
    package let hostID: HostID
    package let hostName: String
    package let accountID: AccountID
    package let domain: String
    package let state: HostStateName
    package let registeredAt: Timestamp
    package let lastReportAt: Timestamp?
    package let initiators: [HostInitiatorDocument]
    /// With `host show`: the facts, as the host sent them last.
    package let inventory: JSONValue?
    /// With `host show`: the file systems with their latest usage.
    package let fileSystems: [FileSystemDocument]?
    /// With `host show`: what its administrators should know.
    package let notes: [String]?

    package init(
        hostID: HostID, hostName: String, accountID: AccountID, domain: String, state: HostStateName, registeredAt: Timestamp,
        lastReportAt: Timestamp?, initiators: [HostInitiatorDocument], inventory: JSONValue? = nil,
        fileSystems: [FileSystemDocument]? = nil, notes: [String]? = nil
    ) {
        self.hostID = hostID
        self.hostName = hostName
        self.accountID = accountID
        self.domain = domain
        self.state = state
        self.registeredAt = registeredAt
        self.lastReportAt = lastReportAt
        self.initiators = initiators
        self.inventory = inventory
        self.fileSystems = fileSystems
        self.notes = notes
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

package struct FileSystemDocument: APIDocument, Equatable {
    package let mountPoint: String
    package let type: String
    package let source: String?
    package let devices: [String]
    package let sizeBytes: Int64?
    package let availableBytes: Int64?
    package let reportedAt: Timestamp?

    package init(
        mountPoint: String, type: String, source: String?, devices: [String], sizeBytes: Int64?, availableBytes: Int64?,
        reportedAt: Timestamp?
    ) {
        self.mountPoint = mountPoint
        self.type = type
        self.source = source
        self.devices = devices
        self.sizeBytes = sizeBytes
        self.availableBytes = availableBytes
        self.reportedAt = reportedAt
    }
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
