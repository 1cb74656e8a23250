import Identifiers
import Messages
import Provider
import Sealing
import Store

/// Decides messages inside one transaction: reads what is known, asks the rules, writes what the message changes and that it was handled.
struct MessageHandling {
    let transaction: WriteTransaction
    let configuration: IntakeConfiguration
    let authority: CertificateAuthority
    let epoch: Int64
    /// True where one more reminder (resync, wrong pad) may go to this sender now.
    let mayRemind: (OpenedMessage) -> Bool
    /// True where the refusal of a stranger on this pad gets an audit entry of its own.
    let mayAuditStranger: (PadID) -> Bool
    /// What the message that was handled last says of its host's keys.
    private(set) var succession: KeySuccession?

    var now: Timestamp { transaction.now }

    /// Throws only for the database.
    mutating func handle(_ prepared: PreparedMessage) throws -> MessageDecision {
        succession = nil
        let opened = prepared.opened
        let sender = try transaction.sender(opened.signer.fingerprint, on: opened.pad.id)
        if let sender, let known = try transaction.reply(to: opened.messageID, keyID: sender.keyID, on: opened.pad.id) {
            return known.sealed.isEmpty ? .silent(acknowledged: nil) : .again(known)
        }
        if case .overLimit(let refusal) = prepared.part { return try refuseForLimit(refusal, opened, sender) }
        guard case .message(let message) = opened.content else {
            guard case .unknownVersion(_, let text) = opened.content else { return .dropped(reason: "unknown") }
            return try remind(HostRefusal(.unknownVersion, text), opened, sender)
        }
        let envelope = message.envelope
        guard envelope.recipient == authority.fingerprint else {
            return try remind(
                HostRefusal(
                    .wrongRecipient, "the message is for the controller \(envelope.recipient), and this is \(authority.fingerprint)"),
                opened, sender)
        }
        guard envelope.padID == opened.pad.id else { return try foreign(envelope, opened, sender) }
        guard envelope.epoch == epoch else {
            return try remind(outcome: .resync(epoch: epoch, nextSequence: sender?.window.flatMap(Self.next)), opened, sender)
        }
        return try judge(message, prepared, sender)
    }

    // MARK: Numbering

    /// The number that a sender is told to go on with; nil where it has none left.
    private static func next(_ window: SequenceWindow) -> Int64? { window.next.flatMap { Envelope.numbers.contains($0) ? $0 : nil } }

    private mutating func judge(_ message: Message, _ prepared: PreparedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        let envelope = message.envelope
        var window = sender?.window ?? SequenceWindow(epoch: epoch)
        if window.epoch != epoch { window = SequenceWindow(epoch: epoch) }
        let verdict = window.judge(
            sequence: envelope.sequence, id: envelope.messageID, previous: envelope.previous, previousSequence: envelope.previousSequence)
        switch verdict {
        case .repeated:
            // Its answer was acknowledged, or has expired. Who still asks did not get it: a clone took it, or the host was away too long.
            if message.body.kind == .acknowledgement { return .silent(acknowledged: nil) }
            return try remind(outcome: .resync(epoch: epoch, nextSequence: Self.next(window)), prepared.opened, sender)
        case .old:
            return try remind(outcome: .resync(epoch: epoch, nextSequence: Self.next(window)), prepared.opened, sender)
        case .fresh(let fork):
            if let sender, sender.pendingReplies >= configuration.pendingRepliesPerSender, message.body.kind != .acknowledgement {
                try alarmUnread(prepared.opened, sender)
                return .dropped(reason: "unread answers")
            }
            if fork { try alarmFork(envelope, sender) }
            window.accept(sequence: envelope.sequence, id: envelope.messageID, previous: envelope.previous)
            return try accept(message, prepared, sender, window)
        }
    }

    private mutating func accept(
        _ message: Message, _ prepared: PreparedMessage, _ sender: SenderRecord?, _ window: SequenceWindow
    ) throws -> MessageDecision {
        let opened = prepared.opened
        let keyID: Int64
        let outcome: Reply.Outcome?
        var acknowledged: AcknowledgedReply?
        switch prepared.part {
        case .registration(let registration):
            (keyID, outcome) = try register(registration, opened, sender)
        case .refused(let refusal):
            keyID = try sender?.keyID ?? addStranger(opened)
            try auditRefusal(refusal, message.body.kind, opened, sender)
            outcome = .refused(refusal)
        default:
            let report = try report(message, prepared, sender)
            (keyID, outcome, acknowledged) = (report.keyID, report.outcome, report.acknowledged)
        }
        try transaction.saveWindow(window, keyID: keyID, pad: opened.pad.id)
        guard let outcome else { return .silent(acknowledged: acknowledged) }
        return .answer(
            AnswerDraft(keyID: keyID, recipient: opened.signer, pad: opened.pad, inReplyTo: opened.messageID, outcome: outcome))
    }

    // MARK: Answers without a place in the sender's numbering

    /// Refused for what the message is, at a limited rate.
    private func remind(_ refusal: HostRefusal, _ opened: OpenedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        guard mayRemind(opened) else { return .dropped(reason: refusal.reason.rawValue) }
        try auditRefusal(refusal, nil, opened, sender)
        return try answer(.refused(refusal), opened, sender)
    }

    private func remind(outcome: Reply.Outcome, _ opened: OpenedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        guard mayRemind(opened) else { return .dropped(reason: "resync") }
        return try answer(outcome, opened, sender)
    }

    private func answer(_ outcome: Reply.Outcome, _ opened: OpenedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        .answer(
            AnswerDraft(
                keyID: try sender?.keyID ?? addStranger(opened), recipient: opened.signer, pad: opened.pad, inReplyTo: opened.messageID,
                outcome: outcome, isReminder: true))
    }

    /// The message keeps no place in the sender's numbering, and what it says is not believed: only that it was not looked at is said.
    private func refuseForLimit(_ refusal: HostRefusal, _ opened: OpenedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        if let sender, sender.pendingReplies >= configuration.pendingRepliesPerSender { return .dropped(reason: "unread answers") }
        try auditRefusal(refusal, nil, opened, sender)
        return try answer(.refused(refusal), opened, sender)
    }

    /// Somebody copied a message from the pad that it was written for.
    private func foreign(_ envelope: Envelope, _ opened: OpenedMessage, _ sender: SenderRecord?) throws -> MessageDecision {
        let refusal = HostRefusal(.wrongPad, "the message is for the pad \(envelope.padID), and this is \(opened.pad.id)")
        let decision = try remind(refusal, opened, sender)
        if case .answer = decision {
            try transaction.notify(
                Notification(
                    kind: .foreignMessage, severity: .alarm, accountID: opened.pad.accountID, subject: opened.pad.id.text,
                    text: "a message of the key \(opened.signer.fingerprint) for the pad \(envelope.padID) was found on this one"))
        }
        return decision
    }

    // MARK: Parts

    /// From now on the host speaks on the pad with the signer's key alone; its other keys there are `state`.
    mutating func endOtherKeys(of host: HostID, than keyID: Int64, _ state: HostKeyState, _ opened: OpenedMessage) throws {
        guard try transaction.setKeyStates(of: host, on: opened.pad.id, state, except: keyID) > 0 else { return }
        succession = KeySuccession(host: host, pad: opened.pad.id, keyID: keyID, recipient: opened.signer)
    }

    /// Somebody who belongs to no host: its key is kept for as long as its message could come again.
    func addStranger(_ opened: OpenedMessage) throws -> Int64 {
        try transaction.addKey(opened.signer.fingerprint, certificate: opened.signer.der)
    }

    func auditRefusal(_ refusal: HostRefusal, _ kind: MessageKind?, _ opened: OpenedMessage, _ sender: SenderRecord?) throws {
        guard sender?.host != nil || mayAuditStranger(opened.pad.id) else { return }
        try transaction.audit(
            actor: sender?.key.hostID.map { .host($0) } ?? .pad(opened.pad.id), action: "message.\(kind?.rawValue ?? "unknown")",
            subject: sender?.key.hostID?.text ?? "key \(opened.signer.fingerprint)", outcome: .refused,
            detail: "\(refusal.reason.rawValue): \(refusal.text)", account: sender?.host?.accountID ?? opened.pad.accountID)
    }
}
