import Identifiers
import Messages

extension RegistrationState {
    /// Takes in a message that the pinned controller signed. `certified` is the verified certificate of an acceptance, nil where there is none or
    /// where it does not hold.
    package mutating func receive(_ message: Message, certified: CertifiedKey?, now: Timestamp) -> Reception {
        let envelope = message.envelope
        if let reason = strangeness(of: envelope) { return ignore(reason) }
        switch handled.standing(of: envelope.messageID, sequence: envelope.sequence) {
        case .known(let entry):
            if entry.outcome != nil { return .again(entry) }
            guard case .instruction(let instruction) = message.body, let task = task(for: instruction.action) else { return .again(entry) }
            return .perform(task, entry)
        case .tooOld:
            return ignore("it is older than what was handled")
        case .new: break
        }
        switch message.body {
        case .reply(let reply): return receive(reply, envelope, certified, now)
        case .instruction(let instruction): return receive(instruction, envelope, now)
        default: return ignore("a controller does not send \(message.body.kind.rawValue)")
        }
    }

    private func strangeness(of envelope: Envelope) -> String? {
        if envelope.padID != pad.padID { return "it is for the pad \(envelope.padID)" }
        if envelope.recipient != key.fingerprint { return "it is for another host key" }
        if envelope.sender != pad.controllerKey { return "its sender is not the pinned controller" }
        if envelope.epoch < pad.epoch { return "it is from before the controller was restored" }
        return nil
    }

    private mutating func ignore(_ reason: String) -> Reception {
        counters.stale += 1
        return .ignored(reason: reason)
    }

    // MARK: Replies

    private mutating func receive(_ reply: Reply, _ envelope: Envelope, _ certified: CertifiedKey?, _ now: Timestamp) -> Reception {
        guard let index = outbox.firstIndex(where: { $0.messageID == reply.inReplyTo }) else {
            return ignore("it answers a message that this host does not wait on")
        }
        let message = outbox[index]
        switch reply.outcome {
        case .accepted(let acceptance):
            guard message.kind == .registration || message.kind == .renewal else { return ignore("it accepts what was no request") }
            guard let certified, certified.fingerprint == message.requestedKey else {
                return ignore("its certificate is not one for the key that was asked for")
            }
            accept(acceptance, certified, message, now)
        case .refused(let refusal):
            refuse(refusal, message, now)
        case .resync(let epoch, let next):
            guard epoch >= pad.epoch else { return ignore("it names an epoch that is over") }
            enter(epoch: epoch, next: next)
            if message.kind == .registration { refuseForGood("resync", "the controller was restored; register again", now) }
        case .received:
            settle(message)
        }
        outbox.removeAll { $0.messageID == message.messageID }
        told.lastAnswerAt = now
        counters.answered += 1
        var entry = HandledMessages.Entry(
            messageID: envelope.messageID, sequence: envelope.sequence, instruction: nil, outcome: .received, at: now)
        entry.detail = nil
        handled.record(entry)
        return .handled(entry)
    }

    private mutating func accept(_ acceptance: Acceptance, _ certified: CertifiedKey, _ message: OutgoingMessage, _ now: Timestamp) {
        membership = Membership(
            hostID: acceptance.hostID, accountID: acceptance.accountID, certificates: acceptance.certificates,
            registeredAt: membership?.registeredAt ?? now, certifiedAt: now, certificateExpires: certified.notAfter,
            notes: acceptance.notes)
        if let nextKey, nextKey.fingerprint == certified.fingerprint {
            key = nextKey
            self.nextKey = nil
            finishRotation(.done, nil)
        }
        if phase == .registering { phase = .registered }
        settle(message)
    }

    /// What the message told is now known to the controller.
    private mutating func settle(_ message: OutgoingMessage) {
        obstacle = nil
        if let inventory = message.inventory { told.inventory = inventory }
        if message.kind == .freeSpace {
            told.freeSpace = message.freeSpace
            told.freeSpaceAt = message.createdAt
        }
    }

    private mutating func refuse(_ refusal: Refusal, _ message: OutgoingMessage, _ now: Timestamp) {
        if message.kind == .registration {
            let retryAt = refusal.retryAfterSeconds.map { now + .seconds($0) }
            return refuseForGood(refusal.reason.rawValue, refusal.text, now, retryAt: retryAt)
        }
        if message.kind == .renewal, nextKey != nil {
            nextKey = nil
            finishRotation(.failed, "the renewal was refused: \(refusal.reason)")
        }
        let isFinal = [.notRegistered, .revoked, .certificateExpired].contains(refusal.reason)
        let pause = Duration.seconds(refusal.retryAfterSeconds ?? 3_600)
        obstacle = Obstacle(reason: refusal.reason.rawValue, text: refusal.text, at: now, retryAt: isFinal ? nil : now + pause)
    }

    /// `retryAt` says when an administrator's next attempt may go better.
    private mutating func refuseForGood(_ reason: String, _ text: String, _ now: Timestamp, retryAt: Timestamp? = nil) {
        phase = .refused
        outbox.removeAll()
        obstacle = Obstacle(reason: reason, text: text, at: now, retryAt: retryAt)
    }

    private mutating func finishRotation(_ outcome: Acknowledgement.Outcome, _ detail: String?) {
        for var entry in handled.entries where entry.instruction == "rotate-keys" && entry.outcome == nil {
            entry.outcome = outcome
            entry.detail = detail
            handled.record(entry)
        }
    }

    // MARK: Instructions

    private mutating func receive(_ instruction: Instruction, _ envelope: Envelope, _ now: Timestamp) -> Reception {
        var entry = HandledMessages.Entry(
            messageID: envelope.messageID, sequence: envelope.sequence, instruction: instruction.action.name, outcome: nil, at: now)
        if let expires = instruction.expires, now > expires {
            entry.outcome = .expired
        } else if case .setInterval(let seconds) = instruction.action {
            intervalSeconds = seconds
            entry.outcome = .done
        } else if let task = task(for: instruction.action) {
            if task == .scanBuses { told.inventory = nil }
            handled.record(entry)
            return .perform(task, entry)
        } else {
            entry.outcome = .unsupported
            entry.detail = "this agent does not carry out \(instruction.action.name)"
        }
        handled.record(entry)
        return .handled(entry)
    }

    private func task(for action: Instruction.Action) -> Reception.Task? {
        switch action {
        case .rescan: .scanBuses
        case .rotateKeys: .rotateKeys
        default: nil
        }
    }
}
