import Identifiers
import StrictJSON

/// A host as lists show it.
package struct HostRecord: Equatable, Sendable {
    package var hostID: HostID
    package var hostName: String
    package var accountID: AccountID
    /// The domain's name; nil on a host that was taken in again by its certificate after a restore.
    package var domain: String?
    package var state: HostState
    /// `user:ID`, `token:ID` or `certificate`: who administers it.
    package var registeredBy: String
    package var machineID: String
    package var cluster: String?
    package var level: Int
    package var agentVersion: String
    package var registeredAt: Timestamp
    package var lastReportAt: Timestamp
    package var removedAt: Timestamp?
    package var releasedAt: Timestamp?
    /// What it claims, in the order of `InitiatorName`.
    package var initiators: [InitiatorName]

    package init(
        hostID: HostID, hostName: String, accountID: AccountID, domain: String?, state: HostState, registeredBy: String, machineID: String,
        cluster: String?, level: Int, agentVersion: String, registeredAt: Timestamp, lastReportAt: Timestamp, removedAt: Timestamp?,
        releasedAt: Timestamp?, initiators: [InitiatorName]
    ) {
        self.hostID = hostID
        self.hostName = hostName
        self.accountID = accountID
        self.domain = domain
        self.state = state
        self.registeredBy = registeredBy
        self.machineID = machineID
        self.cluster = cluster
        self.level = level
        self.agentVersion = agentVersion
        self.registeredAt = registeredAt
        self.lastReportAt = lastReportAt
        self.removedAt = removedAt
        self.releasedAt = releasedAt
        self.initiators = initiators
    }
}

extension InitiatorName: JSONWritable {
    /// `{"transport": "iscsi", "iqn": "iqn.…"}`
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("transport", transport.rawValue)
            switch self {
            case .wwpn: writer.member("wwpn", description)
            case .iqn: writer.member("iqn", description)
            case .nqn: writer.member("nqn", description)
            }
        }
    }
}

/// An association as lists show it, with the three levels of ownership.
package struct AssociationRecord: Equatable, Sendable {
    package var id: Int64
    package var association: Association
    /// Since when it is in this state.
    package var since: Timestamp
    /// Who administers: the host's domain and whoever registered it.
    package var hostName: String?
    package var domain: String?
    package var registeredBy: String?
    /// Who shares: the other hosts with a confirmed association to the same volume.
    package var sharedWith: [HostID]
    /// The name of the host that holds the initiator, and since when it is known, where this is a conflict.
    package var conflictHostName: String?
    package var conflictSince: Timestamp?

    package init(
        id: Int64, association: Association, since: Timestamp, hostName: String?, domain: String?, registeredBy: String?,
        sharedWith: [HostID], conflictHostName: String?, conflictSince: Timestamp?
    ) {
        self.id = id
        self.association = association
        self.since = since
        self.hostName = hostName
        self.domain = domain
        self.registeredBy = registeredBy
        self.sharedWith = sharedWith
        self.conflictHostName = conflictHostName
        self.conflictSince = conflictSince
    }

    /// What a reader is shown. What is masked to an initiator that another host holds is that host's affair: who claims it second reads of the
    /// conflict, not of the volume. The provider sees all.
    package func seen(within reach: Reach) -> AssociationRecord {
        guard reach != .everything, association.state == .conflict else { return self }
        var seen = self
        seen.association.volume = nil
        seen.association.evidence.removeAll { $0.kind != .claim && $0.kind != .accountPad }
        seen.sharedWith = []
        return seen
    }

    /// As commands take it: `association-17`.
    package var associationID: String { "association-\(id)" }

    /// The row of an ID as commands take it; nil where it cannot be one.
    package static func row(of associationID: String) -> Int64? {
        guard associationID.hasPrefix("association-") else { return nil }
        return Int64(associationID.dropFirst("association-".count)).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// What somebody should look at.
package struct Notification: Equatable, Sendable {
    package enum Severity: String, Sendable { case notice, alarm }

    package enum Kind: String, Sendable, CaseIterable {
        /// Two messages name one predecessor: a clone, or a snapshot that was restored.
        case fork
        /// A key that was replaced or revoked spoke again.
        case revokedKeyHeard = "revoked-key-heard"
        /// A host lost its state; a new key replaced its old one.
        case keyReplaced = "key-replaced"
        /// A registered host registered on a further pad.
        case padAdded = "pad-added"
        /// A machine ID was to be registered a second time.
        case duplicateHost = "duplicate-host"
        /// An initiator is claimed by two hosts.
        case initiatorConflict = "initiator-conflict"
        /// A host's initiators changed: an association waits for confirmation.
        case initiatorChanged = "initiator-changed"
        /// A host that a restored database does not know was taken in by its certificate.
        case takenInAgain = "taken-in-again"
        /// Somebody copied messages to a pad that they were not written for.
        case foreignMessage = "foreign-message"
        /// Somebody signed what only somebody else may say.
        case forgery
        /// A pad cannot be read or written.
        case padUnavailable = "pad-unavailable"
        /// Somebody writes more to a pad than hosts do.
        case padFlooded = "pad-flooded"
        /// A host does not acknowledge its answers: it is left unanswered until it does.
        case answersUnread = "answers-unread"
        /// A login's password hash cannot be read: nobody gets in with it until a new password is set.
        case damagedPassword = "damaged-password"
        /// A certificate of the controller's ends soon.
        case certificateEnding = "certificate-ending"
        /// The host says so itself.
        case hostEvent = "host-event"
    }

    package var kind: Kind
    package var severity: Severity
    package var accountID: AccountID?
    package var subject: String
    package var text: String

    package init(kind: Kind, severity: Severity, accountID: AccountID?, subject: String, text: String) {
        self.kind = kind
        self.severity = severity
        self.accountID = accountID
        self.subject = subject
        self.text = text
    }
}
