import Identifiers

/// Where a registered machine stands.
package enum HostState: String, Sendable, CaseIterable {
    case registered
    /// It said farewell, or the provider removed it: the record stays.
    case unregistered
    /// The provider lets it send nothing for a while.
    case suspended
}

/// Where a host's key stands.
package enum HostKeyState: String, Sendable, CaseIterable {
    /// Heard, and belonging to no host: its registrations were refused.
    case stranger
    case active
    /// A newer key of the same host was issued; this one may speak until that one is heard.
    case superseded
    /// Another key took its place, or the host was removed: hearing it again is an alarm.
    case revoked
    /// Its host said farewell: it may register again.
    case ended
}

/// A key as the controller knows it.
package struct HostKey: Equatable, Sendable {
    package var fingerprint: Fingerprint
    package var state: HostKeyState
    package var hostID: HostID?
    /// When a message signed with it was last accepted.
    package var heardAt: Timestamp
    /// End of the certificate issued for it last.
    package var certificateEnds: Timestamp?

    package init(fingerprint: Fingerprint, state: HostKeyState, hostID: HostID?, heardAt: Timestamp, certificateEnds: Timestamp?) {
        self.fingerprint = fingerprint
        self.state = state
        self.hostID = hostID
        self.heardAt = heardAt
        self.certificateEnds = certificateEnds
    }
}

/// A host as far as decisions need it.
package struct KnownHost: Equatable, Sendable {
    package var hostID: HostID
    package var accountID: AccountID
    package var machineID: String
    package var hostName: String
    package var state: HostState
    package var registeredAt: Timestamp
    package var removed: Bool
    /// The provider permitted a new key at once (`host release`).
    package var released: Bool
    /// The host's word that it is heard at least once in this time; nil where it has not said.
    package var heardWithin: Duration?
    /// The key that speaks for it now, on the pad in question.
    package var key: HostKey?

    package init(
        hostID: HostID, accountID: AccountID, machineID: String, hostName: String, state: HostState, registeredAt: Timestamp,
        removed: Bool = false, released: Bool = false, heardWithin: Duration? = nil, key: HostKey? = nil
    ) {
        self.hostID = hostID
        self.accountID = accountID
        self.machineID = machineID
        self.hostName = hostName
        self.state = state
        self.registeredAt = registeredAt
        self.removed = removed
        self.released = released
        self.heardWithin = heardWithin
        self.key = key
    }
}
