import Identifiers
import Messages
import Provider
import Store

/// What people are told. Each is said once until somebody closes it, and counted; the audit is told at most once an hour of what goes on.
extension MessageHandling {
    func alarm(_ refusal: HostRefusal, _ prepared: PreparedRegistration, _ opened: OpenedMessage, _ sender: SenderRecord?) throws {
        let account = prepared.registration.accountID
        switch refusal.reason {
        case .duplicateHost:
            try transaction.notify(
                Notification(
                    kind: .duplicateHost, severity: .alarm, accountID: account, subject: prepared.machineID, text: refusal.text))
        case .revoked:
            try alarmRevoked(opened, sender)
        default: break
        }
    }

    func alarmFork(_ envelope: Envelope, _ sender: SenderRecord?) throws {
        let subject = sender?.host?.hostID.text ?? "key \(envelope.sender)"
        let isToBeAudited = try transaction.notify(
            Notification(
                kind: .fork, severity: .alarm, accountID: sender?.host?.accountID, subject: subject,
                text: """
                    another message than \(envelope.messageID) followed \(envelope.previous?.text ?? "none"): \(subject) \
                    \(sender?.host.map { "(\($0.hostName)) " } ?? "")was cloned, or restored from a snapshot; \
                    give the clone a machine ID and a registration of its own
                    """))
        guard isToBeAudited else { return }
        try transaction.audit(
            actor: .daemon("intake"), action: "host.fork", subject: subject, outcome: .failed,
            detail: "message \(envelope.messageID) names \(envelope.previous?.text ?? "none"), which another message followed",
            account: sender?.host?.accountID)
    }

    /// The sender's messages are left unanswered until it acknowledges what it was answered.
    func alarmUnread(_ opened: OpenedMessage, _ sender: SenderRecord) throws {
        guard let host = sender.host else { return }
        let isToBeAudited = try transaction.notify(
            Notification(
                kind: .answersUnread, severity: .alarm, accountID: host.accountID, subject: "\(host.hostID) \(opened.pad.id)",
                text: """
                    host \(host.hostID) (\(host.hostName)) has left \(sender.pendingReplies) answers on pad \(opened.pad.id) unacknowledged: \
                    its messages wait until it reads them; look at its agent's state directory and log
                    """))
        guard isToBeAudited else { return }
        try transaction.audit(
            actor: .daemon("intake"), action: "host.answers-unread", subject: host.hostID.text, outcome: .failed,
            detail: "\(sender.pendingReplies) unacknowledged answers on pad \(opened.pad.id)", account: host.accountID)
    }

    func alarmRevoked(_ opened: OpenedMessage, _ sender: SenderRecord?) throws {
        let subject = "key \(opened.signer.fingerprint)"
        let host = sender?.host
        let isToBeAudited = try transaction.notify(
            Notification(
                kind: .revokedKeyHeard, severity: .alarm, accountID: host?.accountID, subject: subject,
                text: """
                    a revoked key of host \(host?.hostID.text ?? "unknown") (\(host?.hostName ?? "unknown")) was heard on pad \
                    \(opened.pad.id): the host was cloned, or its old state came back
                    """))
        guard isToBeAudited else { return }
        try transaction.audit(
            actor: .daemon("intake"), action: "host.clone", subject: host?.hostID.text ?? subject, outcome: .failed,
            detail: "revoked \(subject) heard on pad \(opened.pad.id)", account: host?.accountID)
    }

    func tellReplaced(_ old: Fingerprint, by new: Fingerprint, _ host: HostID, _ registration: HostRegistration) throws {
        try transaction.notify(
            Notification(
                kind: .keyReplaced, severity: .notice, accountID: registration.accountID, subject: "\(host) \(new.hexadecimal.prefix(16))",
                text: """
                    host \(host) (\(registration.hostName)) registered anew with the key \(new), by \(registration.registeredBy); \
                    its key \(old) is revoked
                    """))
        try transaction.audit(
            actor: .host(host), action: "host.replace-key", subject: host.text, detail: "revoked=\(old) new=\(new)",
            account: registration.accountID)
    }

    func tellPadAdded(_ host: HostID, _ opened: OpenedMessage, _ registration: HostRegistration) throws {
        try transaction.notify(
            Notification(
                kind: .padAdded, severity: .notice, accountID: registration.accountID, subject: "\(host) \(opened.pad.id)",
                text: """
                    host \(host) (\(registration.hostName)) registered on a further pad, \(opened.pad.id), by \(registration.registeredBy); \
                    if it has no such pad, its machine ID was cloned
                    """))
    }

    func tellChanged(_ changed: [InitiatorName], waiting: [InitiatorName], _ host: HostID, _ account: AccountID) throws {
        guard !changed.isEmpty else { return }
        try transaction.audit(
            actor: .host(host), action: "host.initiators", subject: host.text,
            detail: "changed=\(changed.map(\.description).joined(separator: ","))", account: account)
        for initiator in waiting {
            try transaction.notify(
                Notification(
                    kind: .initiatorChanged, severity: .notice, accountID: account, subject: "\(host) \(initiator)".prefixed(256),
                    text: "host \(host) reports the initiator \(initiator) anew: its association waits for confirmation"))
        }
    }

    /// To the claimant, to the holder, and to the provider.
    func tellConflict(_ change: AssociationChange, _ host: HostID, _ account: AccountID) throws {
        guard let association = change.after else { return }
        var audiences: [AccountID?] = [account, nil]
        if let holder = association.conflictsWith, let other = try transaction.host(holder) { audiences.append(other.accountID) }
        for audience in Set(audiences) {
            try transaction.notify(
                Notification(
                    kind: .initiatorConflict, severity: .alarm, accountID: audience,
                    subject: "\(change.initiator) \(host)".prefixed(256), text: association.note ?? "claimed twice"))
        }
        try transaction.audit(
            actor: .host(host), action: "initiator.claim", subject: change.initiator.description, outcome: .refused,
            detail: association.note ?? "claimed twice", account: account)
    }
}

extension String {
    /// At most so many characters.
    fileprivate func prefixed(_ count: Int) -> String { String(prefix(count)) }
}
