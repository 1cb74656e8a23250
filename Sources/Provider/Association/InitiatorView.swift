import Identifiers

/// What a person has said about a claim.
package enum ClaimState: String, Sendable, CaseIterable {
    case standing
    /// The host's initiators changed after its registration: the association waits for confirmation.
    case awaiting
    case rejected
    /// The host no longer reports the initiator, has unregistered or was removed.
    case withdrawn
}

/// A host's word that an initiator is its own.
package struct Claim: Equatable, Sendable {
    package var initiator: InitiatorName
    package var hostID: HostID
    package var hostName: String
    package var accountID: AccountID
    /// The cluster that the host declares, within its account.
    package var cluster: String?
    package var firstClaimedAt: Timestamp
    package var claimedAt: Timestamp
    package var messageID: String
    package var padID: PadID
    /// The pad belongs to the claimant's account alone.
    package var onAccountPad: Bool
    package var state: ClaimState

    package init(
        initiator: InitiatorName, hostID: HostID, hostName: String, accountID: AccountID, cluster: String?, firstClaimedAt: Timestamp,
        claimedAt: Timestamp, messageID: String, padID: PadID, onAccountPad: Bool, state: ClaimState
    ) {
        self.initiator = initiator
        self.hostID = hostID
        self.hostName = hostName
        self.accountID = accountID
        self.cluster = cluster
        self.firstClaimedAt = firstClaimedAt
        self.claimedAt = claimedAt
        self.messageID = messageID
        self.padID = padID
        self.onAccountPad = onAccountPad
        self.state = state
    }
}

/// A masking entry that names one initiator; entries open to everybody (`*`) are evidence for nobody and never get here.
package struct MaskedVolume: Equatable, Sendable {
    package var volume: AssociatedVolume
    package var seenAt: Timestamp

    package init(volume: AssociatedVolume, seenAt: Timestamp) {
        self.volume = volume
        self.seenAt = seenAt
    }
}

/// A storage system that sees the initiator logged in.
package struct SeenSession: Equatable, Sendable {
    package var systemID: SystemID
    package var at: Timestamp

    package init(systemID: SystemID, at: Timestamp) {
        self.systemID = systemID
        self.at = at
    }
}

/// The provider's word that an initiator belongs to an account.
package struct Assignment: Equatable, Sendable {
    package var accountID: AccountID
    package var at: Timestamp
    package var actor: String

    package init(accountID: AccountID, at: Timestamp, actor: String) {
        self.accountID = accountID
        self.at = at
        self.actor = actor
    }
}

/// A logical unit that a host reports.
package struct SeenDevice: Equatable, Sendable {
    package var wwid: WWID
    /// The initiator it is reached through, where the host says so.
    package var initiator: InitiatorName?
    package var at: Timestamp
    package var messageID: String

    package init(wwid: WWID, initiator: InitiatorName?, at: Timestamp, messageID: String) {
        self.wwid = wwid
        self.initiator = initiator
        self.at = at
        self.messageID = messageID
    }
}

/// Everything that bears on one initiator's associations: a change on any side recomputes this initiator alone.
package struct InitiatorView: Sendable {
    package var initiator: InitiatorName
    package var claims: [Claim]
    package var masking: [MaskedVolume]
    package var sessions: [SeenSession]
    package var assignment: Assignment?
    /// What each claimant sees, by host.
    package var devices: [HostID: [SeenDevice]]

    package init(
        initiator: InitiatorName, claims: [Claim] = [], masking: [MaskedVolume] = [], sessions: [SeenSession] = [],
        assignment: Assignment? = nil, devices: [HostID: [SeenDevice]] = [:]
    ) {
        self.initiator = initiator
        self.claims = claims
        self.masking = masking
        self.sessions = sessions
        self.assignment = assignment
        self.devices = devices
    }
}
