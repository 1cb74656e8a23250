import Identifiers
import Messages

extension RegistrationState {
    /// Takes in a message that the pinned controller signed. `certified` is the verified certificate of an acceptance, nil where there is none or
    /// where it does not hold.
    package mutating func receive(_ message: Message, certified: CertifiedKey?, now: Timestamp) -> Reception {
        let envelope = message.envelope
        if let reason = strangeness(of: envelope) { return ignore(reason) }
        let isOver = envelope.epoch < pad.epoch
        if isOver, message.body.kind != .reply { return ignore("it is from before the controller was restored") }
        switch handled.standing(of: envelope.messageID, sequence: envelope.sequence) {
        case .known(let entry):
            if entry.outcome != nil { return .again(entry) }
            guard case .instruction(let instruction) = message.body, let task = task(for: instruction.action) else { return .again(entry) }
            return .perform(task, entry)
        case .tooOld:
            guard case .reply = message.body else { return ignore("it is older than what was handled") }
            counters.stale += 1
            return .again(Self.entry(of: envelope, now))
        case .new: break
        }
        switch message.body {
        case .reply(let reply): return isOver ? pass(over: reply, envelope, now) : receive(reply, envelope, certified, now)
        case .instruction(let instruction): return receive(instruction, envelope, now)
        default: return ignore("a controller does not send \(message.body.kind.rawValue)")
        }
    }

    private func strangeness(of envelope: Envelope) -> String? {
        if envelope.padID != pad.padID { return "it is for the pad \(envelope.padID)" }
        if envelope.recipient != key.fingerprint { return "it is for another host key" }
        if envelope.sender != pad.controllerKey { return "its sender is not the pinned controller" }
        return nil
    }

    private mutating func ignore(_ reason: String) -> Reception {
        counters.stale += 1
        return .ignored(reason: reason)
    }

    // MARK: Replies

    private mutating func receive(_ reply: Reply, _ envelope: Envelope, _ certified: CertifiedKey?, _ now: Timestamp) -> Reception {
        guard let index = outbox.firstIndex(where: { $0.messageID == reply.inReplyTo }) else {
            return pass(over: reply, envelope, now)
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
            if message.kind == .registration { refuseRegistration("resync", "the controller was restored; register again", now) }
        case .received:
            settle(message)
        }
        outbox.removeAll { $0.messageID == message.messageID }
        told.lastAnswerAt = now
        counters.answered += 1
        let entry = Self.entry(of: envelope, now)
        handled.record(entry)
        return .handled(entry)
    }

    private static func entry(of envelope: Envelope, _ now: Timestamp) -> HandledMessages.Entry {
        HandledMessages.Entry(messageID: envelope.messageID, sequence: envelope.sequence, instruction: nil, outcome: .received, at: now)
    }

    /// A reply that nothing waits on changes nothing, and is acknowledged: the controller keeps it, and counts it as unread, until then. Not
    /// so a refusal of the sender itself: the acknowledgement would be refused in turn.
    private mutating func pass(over reply: Reply, _ envelope: Envelope, _ now: Timestamp) -> Reception {
        if case .refused(let refusal) = reply.outcome, Self.refusesTheSender(refusal.reason) {
            return ignore("it answers a message that this host does not wait on")
        }
        counters.stale += 1
        let entry = Self.entry(of: envelope, now)
        handled.record(entry)
        return .handled(entry)
    }

    /// Whatever the message.
    static func refusesTheSender(_ reason: RefusalReason) -> Bool {
        [.notRegistered, .revoked, .certificateExpired, .suspended].contains(reason)
    }

    private mutating func accept(_ acceptance: Acceptance, _ certified: CertifiedKey, _ message: OutgoingMessage, _ now: Timestamp) {
        let isAnother = message.kind == .registration && membership?.hostID != acceptance.hostID
        let known = isAnother ? nil : membership?.registeredAt
        membership = Membership(
            hostID: acceptance.hostID, accountID: acceptance.accountID, certificates: acceptance.certificates,
            registeredAt: known ?? now, certifiedAt: now, certificateExpires: certified.notAfter,
            notes: acceptance.notes)
        if let nextKey, nextKey.fingerprint == certified.fingerprint {
            key = nextKey
            self.nextKey = nil
            finishRotation(.done, nil)
        }
        if phase == .registering { phase = .registered }
        if message.kind == .registration {
            if let customer = message.customer { self.customer = customer }
            former = []
            registrationRefusal = nil
            // Of a host that was removed and taken in again nothing is known but what it just said.
            told.freeSpaceAt = nil
        }
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
            let retryAt = refusal.retryAfterSeconds.map { now + .seconds(min(max($0, 0), Self.longestPause)) }
            return refuseRegistration(refusal.reason.rawValue, refusal.text, now, retryAt: retryAt)
        }
        if message.kind == .renewal, nextKey != nil {
            nextKey = nil
            finishRotation(.failed, "the renewal was refused: \(refusal.reason)")
        }
        let isFinal = [.notRegistered, .revoked, .certificateExpired].contains(refusal.reason)
        let pause = Duration.seconds(min(max(refusal.retryAfterSeconds ?? 3_600, 0), Self.longestPause))
        obstacle = Obstacle(reason: refusal.reason.rawValue, text: refusal.text, at: now, retryAt: isFinal ? nil : now + pause)
    }

    /// Seconds: thirty days.
    private static let longestPause: Int64 = 30 * 86_400

    /// What was registered before stays as it was, or is put back. `retryAt` says when an administrator's next attempt may go better.
    private mutating func refuseRegistration(_ reason: String, _ text: String, _ now: Timestamp, retryAt: Timestamp? = nil) {
        let refusal = Obstacle(reason: reason, text: text, at: now, retryAt: retryAt)
        if phase == .registered {
            registrationRefusal = refusal
            // This says of the key what a report would be told.
            if reason == RefusalReason.revoked.rawValue { obstacle = refusal }
        } else if var old = former.first {
            // The new key acknowledges the refusal yet: its numbers go on.
            (old.pad, old.counters, old.registrationRefusal, old.chain) = (pad, counters, refusal, chain)
            old.registrationFile = registrationFile
            self = old
        } else {
            phase = .refused
            outbox.removeAll()
            obstacle = refusal
        }
    }

    /// This registration once more, with a new key: the controller revoked the one there is.
    package func renewed(with key: HostKey) -> RegistrationState {
        var (old, new) = (self, RegistrationState(pad: pad, customer: customer, key: key))
        old.outbox = []
        new.former = [old]
        (new.counters, new.intervalSeconds, new.told.bootTime) = (counters, intervalSeconds, told.bootTime)
        return new
    }

    private mutating func finishRotation(_ outcome: Acknowledgement.Outcome, _ detail: String?) {
        finish(outcome, detail) { $0 == Self.rotation }
    }

    /// What a crash interrupted is carried out when its instruction is read again. One from before the controller was restored is not taken any more;
    /// a rotation goes on, by the key that was made for it.
    mutating func giveUpInterrupted() {
        finish(.failed, "it was interrupted, and the controller was restored meanwhile; order it again") { $0 != Self.rotation }
    }

    /// The same, where the instruction has not been seen again for longer than the controller takes to publish anew what it has no word about: a
    /// snapshot of this host may have brought back what was done and acknowledged long ago.
    mutating func giveUpInterrupted(now: Timestamp) {
        finish(.failed, "it was interrupted, and its instruction is not on the pad any more; order it again", until: now - .seconds(3_900))
        {
            $0 != Self.rotation
        }
    }

    private static let rotation = "rotate-keys"

    private mutating func finish(
        _ outcome: Acknowledgement.Outcome, _ detail: String?, until: Timestamp? = nil, where isMeant: (String) -> Bool
    ) {
        for var entry in handled.entries
        where entry.outcome == nil && entry.instruction.map(isMeant) ?? false && until.map({ entry.at < $0 }) ?? true {
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
