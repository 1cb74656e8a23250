import Identifiers

/// What is known when a registration is decided. Credentials were checked before, with the same work for every outcome.
package struct RegistrationRequest: Sendable {
    package var now: Timestamp
    /// When the host says it wrote the message.
    package var sentAt: Timestamp
    package var accountID: AccountID
    package var machineID: String
    package var hostName: String
    /// The account whose pad this is; nil for a shared pad.
    package var padAccount: AccountID?
    /// How often the controller looks at this pad.
    package var interval: Duration
    /// The key that signed the message; nil where it was never heard.
    package var key: HostKey?
    /// The host that the key belongs to.
    package var keyHost: KnownHost?
    /// The host with this machine ID in this account, and the key that speaks for it on this pad.
    package var sameMachine: KnownHost?

    package init(
        now: Timestamp, sentAt: Timestamp, accountID: AccountID, machineID: String, hostName: String, padAccount: AccountID?,
        interval: Duration, key: HostKey?, keyHost: KnownHost?, sameMachine: KnownHost?
    ) {
        self.now = now
        self.sentAt = sentAt
        self.accountID = accountID
        self.machineID = machineID
        self.hostName = hostName
        self.padAccount = padAccount
        self.interval = interval
        self.key = key
        self.keyHost = keyHost
        self.sameMachine = sameMachine
    }
}

package enum RegistrationDecision: Equatable, Sendable {
    /// Nobody known has this machine ID in this account.
    case newHost
    /// The same host with the same key, or one that had said farewell.
    case again(HostID)
    /// A host that is registered on another pad registers on this one too, with a key of its own for it.
    case anotherPad(HostID)
    /// The host lost its state: the new key takes the place of `revoking`, and the customer's administrators are told.
    case newKey(HostID, revoking: Fingerprint?)
    case refused(HostRefusal)
}

/// How old a registration may be, and how far its clock may be ahead.
package let registrationLifetime: Duration = .seconds(24 * 3600)

/// Refuses what no credential can mend. Asked before the password is tried, so that an old message costs nothing.
package func registrationAge(now: Timestamp, sentAt: Timestamp) -> HostRefusal? {
    if now - sentAt > registrationLifetime {
        return HostRefusal(
            .expired, "the registration was written at \(sentAt), more than 24 hours ago: register again, and check the host's clock")
    }
    if sentAt - now > registrationLifetime {
        return HostRefusal(
            .expired, "the registration is dated \(sentAt), more than 24 hours ahead: set the host's clock, and register again")
    }
    return nil
}

/// Decides a registration whose credentials are right. "Who is who" of docs/scratch-pad.md, in its order.
package func decideRegistration(_ request: RegistrationRequest) -> RegistrationDecision {
    if let refusal = registrationAge(now: request.now, sentAt: request.sentAt) { return .refused(refusal) }
    if let owner = request.padAccount, owner != request.accountID {
        return .refused(HostRefusal(.wrongPad, "this pad is another customer's: register on the pad of account \(request.accountID)"))
    }
    if let key = request.key, key.state == .revoked {
        return .refused(
            HostRefusal(
                .revoked, "this key was replaced or revoked: if this host is a clone, remove the agent's state directory and register anew")
        )
    }
    if let key = request.key, key.state == .active || key.state == .superseded, let host = request.keyHost {
        return decide(request, knownKeyOf: host)
    }
    guard let host = request.sameMachine else { return .newHost }
    if host.state == .suspended { return .refused(suspended(host.hostID)) }
    if host.state == .unregistered { return .newKey(host.hostID, revoking: supersededKey(host, by: request.key)) }
    guard let old = host.key else { return .anotherPad(host.hostID) }
    if host.released { return .newKey(host.hostID, revoking: supersededKey(host, by: request.key)) }
    let free = old.heardAt + patience(with: host, request)
    if request.now < free {
        return .refused(
            HostRefusal(
                .duplicateHost,
                """
                machine ID \(request.machineID) is registered as \(host.hostID) (\(host.hostName), since \(host.registeredAt)) \
                and its key was heard at \(old.heardAt); this host (\(request.hostName)) was first seen at \(request.now). \
                If one is a clone, give it a machine ID of its own; if the old one is gone, \
                register again at \(free), or ask the provider for: host release \(host.hostID)
                """, retryAfter: free - request.now))
    }
    return .newKey(host.hostID, revoking: old.fingerprint)
}

/// A host that has not said how often it is heard is heard this often: an agent tells free space every 15 minutes.
package let usualSilence: Duration = .seconds(15 * 60)

/// How long after it was last heard a host still counts as living: three times what it may be silent, and what the pad is looked at.
private func patience(with host: KnownHost, _ request: RegistrationRequest) -> Duration {
    max(host.heardWithin ?? usualSilence, request.interval) * 3
}

private func decide(_ request: RegistrationRequest, knownKeyOf host: KnownHost) -> RegistrationDecision {
    if host.state == .suspended { return .refused(suspended(host.hostID)) }
    guard host.accountID == request.accountID, host.machineID == request.machineID else {
        return .refused(
            HostRefusal(
                .duplicateHost,
                """
                this key belongs to host \(host.hostID) (\(host.hostName), registered \(host.registeredAt)) with another \
                machine ID or account: unregister first, or remove the agent's state directory if this host is a clone of that one
                """))
    }
    return .again(host.hostID)
}

private func supersededKey(_ host: KnownHost, by key: HostKey?) -> Fingerprint? {
    guard let old = host.key, old.fingerprint != key?.fingerprint, old.state == .active || old.state == .superseded else { return nil }
    return old.fingerprint
}

private func suspended(_ host: HostID) -> HostRefusal {
    HostRefusal(.suspended, "host \(host) is suspended: ask the provider to resume it")
}
