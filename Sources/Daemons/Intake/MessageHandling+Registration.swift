import Identifiers
import Messages
import Provider
import Sealing
import Store

extension MessageHandling {
    /// Decides a registration whose numbering is right: first the credentials, then who the host is.
    mutating func register(
        _ prepared: PreparedRegistration, _ opened: OpenedMessage, _ sender: SenderRecord?
    ) throws -> (keyID: Int64, outcome: Reply.Outcome?) {
        let account = prepared.registration.accountID
        guard let authentication = prepared.authentication else {
            return try refuse(
                HostRefusal(.badCredentials, "the credentials were not looked at: send the registration again"), prepared, opened, sender)
        }
        if case .refused(let refusal) = authentication.decision {
            _ = try authentication.settle(in: transaction)
            return try refuse(refusal, prepared, opened, sender)
        }
        let decision = decideRegistration(
            RegistrationRequest(
                now: now, sentAt: sentAt(opened), accountID: account, machineID: prepared.machineID, hostName: prepared.hostName,
                padAccount: opened.pad.accountID, interval: opened.pad.interval, key: sender?.key, keyHost: sender?.host,
                sameMachine: try transaction.knownHost(account: account, machineID: prepared.machineID, on: opened.pad.id)))
        if case .refused(let refusal) = decision {
            try alarm(refusal, prepared, opened, sender)
            return try refuse(refusal, prepared, opened, sender)
        }
        // Settled only now: a token's use is not counted for a host that is refused.
        guard case .accepted(let identity) = try authentication.settle(in: transaction) else {
            return try refuse(
                HostRefusal(.badCredentials, "the user or token was changed while it was looked at: register again"), prepared, opened,
                sender)
        }
        let by = identity.userID.map { "user:\($0)" } ?? identity.tokenID.map { "token:\($0)" } ?? "unknown"
        let registration = HostRegistration(
            accountID: account, domainID: identity.domainID, registeredBy: by, machineID: prepared.machineID, hostName: prepared.hostName,
            cluster: prepared.registration.cluster, level: prepared.registration.level, agentVersion: prepared.registration.agentVersion)
        return try take(decision, registration, prepared, opened, sender)
    }

    // MARK: Taking in

    private mutating func take(
        _ decision: RegistrationDecision, _ registration: HostRegistration, _ prepared: PreparedRegistration, _ opened: OpenedMessage,
        _ sender: SenderRecord?
    ) throws -> (keyID: Int64, outcome: Reply.Outcome?) {
        let account = registration.accountID
        let hostID: HostID
        switch decision {
        case .newHost:
            hostID = prepared.hostID
            try transaction.addHost(hostID, registration)
        case .again(let known), .newKey(let known, _), .anotherPad(let known):
            hostID = known
            try transaction.renewHost(hostID, registration)
        case .refused: preconditionFailure("a refusal was answered above")
        }
        if let seconds = prepared.registration.heardWithinSeconds { try transaction.noteHeardWithin(seconds, of: hostID) }
        let certificate = try certificate(for: prepared, hostID, account)
        let keyID = try sender?.keyID ?? addStranger(opened)
        if case .anotherPad = decision { try tellPadAdded(hostID, opened, registration) }
        if case .again = decision {
            // A key that was to be replaced, and whose host came back with it: the newer one was not heard yet, or it had ended this one.
            try endOtherKeys(of: hostID, than: keyID, .superseded, opened)
        }
        if case .newKey(_, let revoked) = decision {
            try endOtherKeys(of: hostID, than: keyID, .revoked, opened)
            if let revoked { try tellReplaced(revoked, by: opened.signer.fingerprint, hostID, registration) }
        }
        try transaction.activateKey(keyID, host: hostID, pad: opened.pad.id, certificate: certificate.der, ends: certificate.notAfter)
        let notes = try keepFacts(prepared.inventory, of: hostID, messageID: opened.messageID, opened, awaiting: false, account: account)
        try transaction.audit(
            actor: Actor.host(hostID), action: "host.register", subject: hostID.text,
            detail: """
                name=\(prepared.hostName) machineID=\(prepared.machineID) by=\(registration.registeredBy) \
                key=\(opened.signer.fingerprint) pad=\(opened.pad.id)
                """, account: account)
        return (
            keyID,
            .accepted(
                Acceptance(
                    hostID: hostID, accountID: account, certificates: [certificate.der, authority.certificate.der],
                    expires: certificate.notAfter, notes: notes))
        )
    }

    /// The one made beforehand, unless the host turned out to be another.
    private func certificate(for prepared: PreparedRegistration, _ host: HostID, _ account: AccountID) throws -> Certificate {
        if let certificate = prepared.certificate, prepared.hostID == host { return certificate }
        return try authority.issue(
            for: prepared.publicKey, role: .host, subjectName: HostCertificateName.text(host, account), now: now,
            lifetime: configuration.certificateLifetime)
    }

    /// Keeps an inventory, its claims and what follows from them. Returns notes for the host's administrator.
    ///
    /// - Parameter awaiting: new claims wait for confirmation: the host's initiators changed after its registration.
    func keepFacts(
        _ facts: PreparedInventory, of host: HostID, messageID: MessageID, _ opened: OpenedMessage, awaiting: Bool, account: AccountID
    ) throws -> [String] {
        let seesOthers = try transaction.saveInventory(
            facts.bytes, digest: facts.digest, partialReader: facts.isPartial ? configuration.version : nil, devices: facts.devices,
            of: host, messageID: messageID)
        let saved = try transaction.saveClaims(
            facts.initiators, of: host, messageID: messageID, pad: opened.pad.id, onAccountPad: opened.pad.accountID == account,
            awaiting: awaiting)
        // The devices seen bear on every initiator of the host, and so may what a registration says beside them.
        let concerned = seesOthers || !awaiting ? Set(facts.initiators).union(saved.changed) : Set(saved.changed)
        let changes = try transaction.recomputeAssociations(initiators: concerned)
        if awaiting { try tellChanged(saved.changed, waiting: saved.awaiting, host, account) }
        var notes: [String] = []
        if facts.initiators.isEmpty {
            notes.append(
                "this host has no Fibre Channel, iSCSI or NVMe initiator name: it is registered, and nothing is associated with it")
        }
        for change in changes where change.after?.state == .conflict && change.after?.hostID == host {
            try tellConflict(change, host, account)
            notes.append("initiator \(change.initiator): \(change.after?.note ?? "in conflict")")
        }
        return notes
    }

    // MARK: Refusing

    private func refuse(
        _ refusal: HostRefusal, _ prepared: PreparedRegistration, _ opened: OpenedMessage, _ sender: SenderRecord?
    ) throws -> (keyID: Int64, outcome: Reply.Outcome?) {
        let keyID = try sender?.keyID ?? addStranger(opened)
        guard sender?.host != nil || mayAuditStranger(opened.pad.id) else { return (keyID, .refused(refusal)) }
        let known = try transaction.row("SELECT 1 AS one FROM accounts WHERE id = ?", prepared.registration.accountID) != nil
        try transaction.audit(
            actor: sender?.key.hostID.map { .host($0) } ?? .pad(opened.pad.id), action: "host.register",
            subject: prepared.hostName.isEmpty ? "key \(opened.signer.fingerprint)" : prepared.hostName, outcome: .refused,
            detail: """
                \(refusal.reason.rawValue): account=\(prepared.registration.accountID) domain=\(prepared.registration.domain ?? "-") \
                by=\(prepared.registration.credential) machineID=\(prepared.machineID) key=\(opened.signer.fingerprint); \(refusal.text)
                """, account: known ? prepared.registration.accountID : nil)
        return (keyID, .refused(refusal))
    }

    private func sentAt(_ opened: OpenedMessage) -> Timestamp {
        guard case .message(let message) = opened.content else { return now }
        return message.envelope.at
    }
}
