import Identifiers
import StrictJSON

/// Where an association stands.
package enum AssociationState: String, Sendable, CaseIterable {
    /// A host claims the initiator, and a storage system masks the volume to it.
    case confirmed
    /// The provider tied the initiator to an account and a storage system masks the volume to it; no host has claimed it yet.
    case declared
    /// No masking is known yet, or the claim waits for a person's confirmation.
    case pending
    /// Another host holds the initiator, or the provider gave it to another account.
    case conflict
    /// It was so once: a side has gone.
    case stale
}

/// Who or what says so.
package enum EvidenceKind: String, Sendable, CaseIterable {
    /// The host says so.
    case claim
    /// The storage system says so.
    case masking
    /// The host sees the volume's WWID, and through that initiator where it says through which.
    case device
    /// The storage system sees the initiator logged in.
    case session
    /// The claim came on a pad that only this customer reaches.
    case accountPad
    /// The provider tied the initiator to the account.
    case assigned
}

/// One reason to believe an association.
package struct Evidence: Equatable, Sendable {
    package let kind: EvidenceKind
    package let at: Timestamp
    /// What it rests on: a message's ID, a storage system's, a pad's, an actor.
    package let source: String

    package init(kind: EvidenceKind, at: Timestamp, source: String) {
        self.kind = kind
        self.at = at
        self.source = source
    }
}

extension Evidence: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", kind.rawValue)
            writer.member("at", at.description)
            writer.member("source", source)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        kind = try json.parsed("kind", expected: "a kind of evidence") { EvidenceKind(rawValue: $0) }
        at = try json.parsed("at", expected: "an RFC 3339 time") { Timestamp($0) }
        source = try json.string("source")
    }
}

/// A volume as masking shows it to an initiator.
package struct AssociatedVolume: Equatable, Sendable {
    package var systemID: SystemID
    package var volumeID: String
    package var name: String
    package var wwid: String
    package var lun: Int?
    package var sizeBytes: Int64

    package init(systemID: SystemID, volumeID: String, name: String, wwid: String, lun: Int?, sizeBytes: Int64) {
        self.systemID = systemID
        self.volumeID = volumeID
        self.name = name
        self.wwid = wwid
        self.lun = lun
        self.sizeBytes = sizeBytes
    }
}

/// Which account uses what, through which initiator, on what evidence. One for each initiator, host and volume; a claim with no
/// masking yet stands for itself, with no volume.
package struct Association: Equatable, Sendable {
    package struct Key: Hashable, Sendable {
        package let initiator: InitiatorName
        /// Nil where nobody claims what the provider declared.
        package let hostID: HostID?
        package let systemID: SystemID?
        package let volumeID: String?
    }

    package var initiator: InitiatorName
    package var hostID: HostID?
    /// Who pays.
    package var accountID: AccountID
    package var volume: AssociatedVolume?
    package var state: AssociationState
    /// Why it is not confirmed, for people; nil where it is.
    package var note: String?
    /// The host that holds the initiator, where this association is in conflict with it.
    package var conflictsWith: HostID?
    /// In the order of `EvidenceKind`.
    package var evidence: [Evidence]

    package init(
        initiator: InitiatorName, hostID: HostID?, accountID: AccountID, volume: AssociatedVolume?, state: AssociationState,
        note: String? = nil, conflictsWith: HostID? = nil, evidence: [Evidence]
    ) {
        self.initiator = initiator
        self.hostID = hostID
        self.accountID = accountID
        self.volume = volume
        self.state = state
        self.note = note
        self.conflictsWith = conflictsWith
        self.evidence = evidence
    }

    package var key: Key { Key(initiator: initiator, hostID: hostID, systemID: volume?.systemID, volumeID: volume?.volumeID) }

    /// Orders that touch existing data ask for the provider's own word, or for a pad that only this customer reaches.
    package var isStrong: Bool { state == .confirmed && evidence.contains { $0.kind == .assigned || $0.kind == .accountPad } }
}
