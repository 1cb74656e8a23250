import Identifiers
import Inventory
import Messages
import Provider
import Sealing
import Store
import StrictJSON

extension MessageHandling {
    typealias Reported = (keyID: Int64, outcome: Reply.Outcome?, acknowledged: AcknowledgedReply?)

    /// Decides every message but a registration.
    mutating func report(_ message: Message, _ prepared: PreparedMessage, _ sender: SenderRecord?) throws -> Reported {
        let opened = prepared.opened
        let decision = decideReport(
            now: now, key: sender?.key, host: sender?.host, certificate: opened.presented, grace: configuration.certificateGrace)
        switch decision {
        case .refused(let refusal):
            if let sender, refusal.reason == .revoked, case .acknowledgement = message.body, try isLate(message.envelope, sender, opened) {
                return (sender.keyID, nil, nil)
            }
            if refusal.reason == .revoked { try alarmRevoked(opened, sender) }
            if case .acknowledgement(let acknowledgement) = message.body,
                let reported = try acknowledgeRefusal(acknowledgement, opened, sender)
            {
                return reported
            }
            try auditRefusal(refusal, message.body.kind, opened, sender)
            return (try sender?.keyID ?? addStranger(opened), .refused(refusal), nil)
        case .takenInAgain:
            return try takeInAgain(message, prepared, sender)
        case .taken(let host):
            guard let sender, let record = sender.host else { preconditionFailure("a taken message has a known sender") }
            if sender.key.state == .active {
                // The first word of a new key ends the ones before it.
                if sender.window == nil { try endOtherKeys(of: host, than: sender.keyID, .revoked, opened) }
            }
            return try take(message, prepared, sender, record)
        }
    }

    private func take(_ message: Message, _ prepared: PreparedMessage, _ sender: SenderRecord, _ host: KnownHost) throws -> Reported {
        let opened = prepared.opened
        let keyID = sender.keyID
        switch (message.body, prepared.part) {
        case (.inventory, .inventory(let facts)):
            if let base = facts.base, try transaction.inventoryDigest(of: host.hostID) != base {
                return (keyID, .resync(epoch: epoch, nextSequence: nil), nil)
            }
            try transaction.noteReport(of: host.hostID, hostName: facts.inventory.host.hostName, agentVersion: facts.agentVersion)
            _ = try keepFacts(
                facts, of: host.hostID, messageID: opened.messageID, opened, awaiting: true, account: host.accountID)
            return (keyID, .received, nil)
        case (.inventory, _):
            return (keyID, .resync(epoch: epoch, nextSequence: nil), nil)
        case (.freeSpace(let report), _):
            if let seconds = report.heardWithinSeconds { try transaction.noteHeardWithin(seconds, of: host.hostID) }
            var writer = JSONWriter()
            writer.array(report.fileSystems) { $1.write(to: &$0) }
            try transaction.saveUsage(writer.bytes, measuredAt: report.measuredAt, of: host.hostID, messageID: opened.messageID)
            try transaction.noteReport(of: host.hostID)
            // Facts that an older controller passed over come with the next report of everything.
            if let reader = try transaction.partialReader(of: host.hostID), reader != configuration.version {
                return (keyID, .resync(epoch: epoch, nextSequence: nil), nil)
            }
            return (keyID, .received, nil)
        case (.event(let event), _):
            try keep(event, of: host)
            try transaction.noteReport(of: host.hostID)
            return (keyID, .received, nil)
        case (.acknowledgement(let acknowledgement), _):
            return (keyID, nil, try keep(acknowledgement, sender, host))
        case (.renewal, .renewal(let renewal)):
            return try renew(renewal, prepared, sender, host)
        case (.farewell(let farewell), _):
            try transaction.unregisterHost(host.hostID, on: opened.pad.id, because: "the host unregistered", by: .host(host.hostID))
            try transaction.audit(
                actor: .host(host.hostID), action: "host.unregister", subject: host.hostID.text, detail: farewell.reason ?? "",
                account: host.accountID)
            return (keyID, .received, nil)
        default:
            return (keyID, .refused(HostRefusal(.malformed, "a \(message.body.kind.rawValue) is not taken from a registered host")), nil)
        }
    }

    /// Who is refused, and says that it read so, is done with: its answer goes, and it gets no other. A stranger's word for anything else is
    /// not worth an answer either. Nil where a host's key speaks of what it was not told.
    private func acknowledgeRefusal(
        _ acknowledgement: Acknowledgement, _ opened: OpenedMessage, _ sender: SenderRecord?
    ) throws -> Reported? {
        let keyID = try sender?.keyID ?? addStranger(opened)
        if let known = try transaction.acknowledgeAnswer(acknowledgement.of, keyID: keyID) {
            return (keyID, nil, AcknowledgedReply(padID: known.padID, key: known.key, messageID: acknowledgement.of))
        }
        return sender?.host == nil ? (keyID, nil, nil) : nil
    }

    /// Whether a host wrote this before the first word of the key that it has now, and it is only read after that: what it acknowledges has
    /// gone or was asked of the new key. A clone or an old state that came back has later numbers, which are times.
    private func isLate(_ envelope: Envelope, _ sender: SenderRecord, _ opened: OpenedMessage) throws -> Bool {
        guard let host = sender.host?.hostID, let active = try transaction.activeKey(of: host, on: opened.pad.id),
            let first = try transaction.sender(active.fingerprint, on: opened.pad.id)?.window?.entries.first
        else { return false }
        return envelope.sequence < first.sequence
    }

    private func keep(_ event: HostEvent, of host: KnownHost) throws {
        try transaction.audit(
            actor: .host(host.hostID), action: "host.event", subject: host.hostID.text,
            detail: "\(event.event) \(event.subject) at \(event.happenedAt): \(event.detail ?? "")", account: host.accountID)
        guard event.event == "key-compromised" else { return }
        try transaction.notify(
            Notification(
                kind: .hostEvent, severity: .alarm, accountID: host.accountID, subject: host.hostID.text,
                text: "host \(host.hostID) (\(host.hostName)) says that its key is compromised: \(event.detail ?? event.subject)"))
    }

    private func keep(_ acknowledgement: Acknowledgement, _ sender: SenderRecord, _ host: KnownHost) throws -> AcknowledgedReply? {
        let known = try transaction.acknowledge(
            acknowledgement.of, keyID: sender.keyID, outcome: acknowledgement.outcome.rawValue, detail: acknowledgement.detail)
        guard let known else { return nil }
        if let instruction = known.instructionID {
            let outcome = acknowledgement.outcome
            try transaction.audit(
                actor: .host(host.hostID), action: "instruction.acknowledge", subject: instruction,
                outcome: outcome == .done ? .done : outcome == .refused ? .refused : .failed,
                detail: outcome.rawValue + (acknowledgement.detail.map { ": \($0)" } ?? ""), account: host.accountID)
        }
        return AcknowledgedReply(padID: known.padID, key: known.key, messageID: acknowledgement.of)
    }

    // MARK: Certificates

    private func renew(
        _ renewal: PreparedRenewal, _ prepared: PreparedMessage, _ sender: SenderRecord, _ host: KnownHost
    ) throws -> Reported {
        guard sender.key.state == .active else {
            let refusal = HostRefusal(.revoked, "a newer key of this host was issued: renew with that one")
            try auditRefusal(refusal, .renewal, prepared.opened, sender)
            return (sender.keyID, .refused(refusal), nil)
        }
        let certificate: Certificate
        if let made = renewal.certificate, renewal.hostID == host.hostID {
            certificate = made
        } else {
            certificate = try authority.issue(
                for: renewal.publicKey, role: .host, subjectName: HostCertificateName.text(host.hostID, host.accountID), now: now,
                lifetime: configuration.certificateLifetime)
        }
        let isNewKey = renewal.publicKey.fingerprint != sender.key.fingerprint
        if isNewKey {
            guard try transaction.sender(renewal.publicKey.fingerprint, on: prepared.opened.pad.id) == nil else {
                let refusal = HostRefusal(.malformed, "the certificate request is for a key that is known already: make a new one")
                try auditRefusal(refusal, .renewal, prepared.opened, sender)
                return (sender.keyID, .refused(refusal), nil)
            }
            // The old key may speak until the new one is heard: the answer may be lost, and asked for again.
            try transaction.setKeyStates(of: host.hostID, on: prepared.opened.pad.id, .superseded)
            let keyID = try transaction.addKey(renewal.publicKey.fingerprint, certificate: certificate.der)
            try transaction.activateKey(
                keyID, host: host.hostID, pad: prepared.opened.pad.id, certificate: certificate.der, ends: certificate.notAfter)
        } else {
            try transaction.activateKey(
                sender.keyID, host: host.hostID, pad: prepared.opened.pad.id, certificate: certificate.der, ends: certificate.notAfter)
        }
        try transaction.noteReport(of: host.hostID)
        try transaction.audit(
            actor: .host(host.hostID), action: isNewKey ? "host.rotate-key" : "host.renew", subject: host.hostID.text,
            detail: "certificate ends \(certificate.notAfter)\(isNewKey ? " key=\(renewal.publicKey.fingerprint)" : "")",
            account: host.accountID)
        let acceptance = Acceptance(
            hostID: host.hostID, accountID: host.accountID, certificates: [certificate.der, authority.certificate.der],
            expires: certificate.notAfter, notes: [])
        return (sender.keyID, .accepted(acceptance), nil)
    }

    // MARK: After a restore

    /// A host that this controller issued a certificate to, and whose database forgot it.
    private func takeInAgain(_ message: Message, _ prepared: PreparedMessage, _ sender: SenderRecord?) throws -> Reported {
        let opened = prepared.opened
        let keyID = try sender?.keyID ?? addStranger(opened)
        guard let name = HostCertificateName.parse(opened.signer.subjectName),
            try transaction.row("SELECT 1 AS one FROM accounts WHERE id = ? AND state = 'open'", name.account) != nil
        else {
            let refusal = HostRefusal(.notRegistered, "the account of this host's certificate is not known here: register again")
            try auditRefusal(refusal, message.body.kind, opened, sender)
            return (keyID, .refused(refusal), nil)
        }
        // Only a whole inventory says who the host is; everything else waits until it was sent.
        guard case .inventory(let facts) = prepared.part, facts.base == nil else {
            return (keyID, .resync(epoch: epoch, nextSequence: nil), nil)
        }
        let machineID =
            facts.inventory.host.machineID.flatMap { $0.isEmpty ? nil : $0 } ?? "key:" + opened.signer.fingerprint.hexadecimal
        let same = try transaction.knownHost(account: name.account, machineID: machineID)
        let named = try transaction.knownHost(name.host)
        guard let host = same?.hostID ?? (named == nil ? name.host : nil) else {
            let refusal = HostRefusal(.duplicateHost, "host \(name.host) is known here with another machine ID: register again")
            try auditRefusal(refusal, .inventory, opened, sender)
            return (keyID, .refused(refusal), nil)
        }
        if let same, same.removed || same.state == .suspended {
            let refusal = HostRefusal(same.removed ? .notRegistered : .suspended, "host \(host) was removed or suspended by the provider")
            try auditRefusal(refusal, .inventory, opened, sender)
            return (keyID, .refused(refusal), nil)
        }
        let registration = HostRegistration(
            accountID: name.account, domainID: nil, registeredBy: "certificate", machineID: machineID,
            hostName: facts.inventory.host.hostName ?? "", cluster: nil, level: 3, agentVersion: facts.agentVersion)
        if same == nil {
            try transaction.addHost(host, registration)
        } else {
            try transaction.noteReport(of: host, hostName: facts.inventory.host.hostName, agentVersion: facts.agentVersion)
        }
        try transaction.setKeyStates(of: host, on: opened.pad.id, .superseded)
        try transaction.activateKey(keyID, host: host, pad: opened.pad.id, certificate: opened.signer.der, ends: opened.signer.notAfter)
        _ = try keepFacts(facts, of: host, messageID: opened.messageID, opened, awaiting: false, account: name.account)
        try transaction.audit(
            actor: .host(host), action: "host.take-in-again", subject: host.text,
            detail: "by its certificate, which ends \(opened.signer.notAfter); key=\(opened.signer.fingerprint)", account: name.account)
        try transaction.notify(
            Notification(
                kind: .takenInAgain, severity: .notice, accountID: name.account, subject: host.text,
                text: """
                    \(same == nil ? "host" : "a newer key of host") \(host) (\(registration.hostName)) was unknown to the restored \
                    database, and taken in by its certificate\(same == nil ? "; it has no domain until it registers again" : "")
                    """))
        return (keyID, .received, nil)
    }
}
