import Identifiers

/// An initiator that hosts claim or the provider has assigned.
package struct InitiatorDocument: APIDocument, Equatable {
    package let initiator: InitiatorName
    package let transport: TransportName
    /// Whose it is by the provider's word.
    package let assignedAccountID: AccountID?
    package let assignedAt: Timestamp?
    /// The host whose claim came first, and the others.
    package let hostID: HostID?
    package let accountID: AccountID?
    package let conflictingHostIDs: [HostID]

    package init(
        initiator: InitiatorName, transport: TransportName, assignedAccountID: AccountID?, assignedAt: Timestamp?, hostID: HostID?,
        accountID: AccountID?, conflictingHostIDs: [HostID]
    ) {
        self.initiator = initiator
        self.transport = transport
        self.assignedAccountID = assignedAccountID
        self.assignedAt = assignedAt
        self.hostID = hostID
        self.accountID = accountID
        self.conflictingHostIDs = conflictingHostIDs
    }
}

package struct InitiatorList: APIDocument, Equatable {
    package let initiators: [InitiatorDocument]
    package let next: String?

    package init(initiators: [InitiatorDocument], next: String?) {
        self.initiators = initiators
        self.next = next
    }
}

package struct InitiatorAssignment: APIDocument, Equatable {
    package let accountID: AccountID
    package init(accountID: AccountID) { self.accountID = accountID }
}

package enum AssociationStateName: String, APIEnumeration { case confirmed, declared, pending, conflict, stale }

package enum EvidenceKindName: String, APIEnumeration { case claim, masking, device, session, accountPad, assigned }

package struct EvidenceDocument: APIDocument, Equatable {
    package let kind: EvidenceKindName
    package let at: Timestamp
    /// Where it comes from: a message's ID, a masking entry.
    package let source: String?

    package init(kind: EvidenceKindName, at: Timestamp, source: String?) {
        self.kind = kind
        self.at = at
        self.source = source
    }
}

/// What the provider's word on one association makes of it and of others.
package struct AssociationChangeDocument: APIDocument, Equatable {
    package let associationID: String
    package let accountID: AccountID
    package let hostID: HostID?
    package let hostName: String?
    package let initiator: InitiatorName
    package let systemID: SystemID?
    package let volumeID: String?
    package let volumeName: String?
    /// Left out where there was none before, or is none after.
    package let before: AssociationStateName?
    package let after: AssociationStateName?

    package init(
        associationID: String, accountID: AccountID, hostID: HostID?, hostName: String?, initiator: InitiatorName, systemID: SystemID?,
        volumeID: String?, volumeName: String?, before: AssociationStateName?, after: AssociationStateName?
    ) {
        self.associationID = associationID
        self.accountID = accountID
        self.hostID = hostID
        self.hostName = hostName
        self.initiator = initiator
        self.systemID = systemID
        self.volumeID = volumeID
        self.volumeName = volumeName
        self.before = before
        self.after = after
    }
}

/// That an account uses a volume, through which initiator, on what evidence. What is not known (a host that has not registered, a
/// volume that no storage system has told of) is left out.
package struct AssociationDocument: APIDocument, Equatable {
    package let associationID: String
    package let accountID: AccountID
    package let hostID: HostID?
    package let hostName: String?
    package let initiator: InitiatorName
    package let systemID: SystemID?
    package let volumeID: String?
    package let volumeName: String?
    package let wwid: String?
    package let lun: Int64?
    package let sizeBytes: Int64?
    package let state: AssociationStateName
    /// Why it is not confirmed, for people.
    package let note: String?
    /// Since when it is in this state.
    package let since: Timestamp
    package let evidence: [EvidenceDocument]
    /// Who administers it: the host's domain, and the user or token that registered the host. `accountID` is who pays.
    package let domain: String?
    package let registeredBy: String?
    /// Who shares it: other hosts that use the same volume.
    package let sharedWith: [HostID]
    /// The host that holds the initiator, where this association is in conflict with it.
    package let conflictsWith: HostID?
    /// With a confirmation or rejection alone: all that changes by it, this association included.
    package let changes: [AssociationChangeDocument]?

    package init(
        associationID: String, accountID: AccountID, hostID: HostID?, hostName: String?, initiator: InitiatorName, systemID: SystemID?,
        volumeID: String?,
        volumeName: String?, wwid: String?, lun: Int64?, sizeBytes: Int64?, state: AssociationStateName, note: String?,
        since: Timestamp, evidence: [EvidenceDocument], domain: String?, registeredBy: String?, sharedWith: [HostID],
        conflictsWith: HostID?,
        changes: [AssociationChangeDocument]? = nil
    ) {
        self.associationID = associationID
        self.accountID = accountID
        self.hostID = hostID
        self.hostName = hostName
        self.initiator = initiator
        self.systemID = systemID
        self.volumeID = volumeID
        self.volumeName = volumeName
        self.wwid = wwid
        self.lun = lun
        self.sizeBytes = sizeBytes
        self.state = state
        self.note = note
        self.since = since
        self.evidence = evidence
        self.domain = domain
        self.registeredBy = registeredBy
        self.sharedWith = sharedWith
        self.conflictsWith = conflictsWith
        self.changes = changes
    }
}

package struct AssociationList: APIDocument, Equatable {
    package let associations: [AssociationDocument]
    package let next: String?

    package init(associations: [AssociationDocument], next: String?) {
        self.associations = associations
        self.next = next
    }
}
