import Identifiers
import Messages
import ScratchPad
import Sealing

extension Exchange {
    /// Reads what the controller left for this host, acts on it, and acknowledges. What cannot be verified is counted and left.
    /// Returns what came of each message that was verified and not seen before.
    @discardableResult
    package mutating func receive(_ seen: inout SeenFiles) throws(AgentError) -> [Reception] {
        var receptions: [Reception] = []
        var toAcknowledge: [HandledMessages.Entry] = []
        let (before, nextKey) = (state, state.nextKey?.fingerprint)
        var letters: [(name: PadName, message: Message, signed: [UInt8])] = []
        for file in try replies(seen) {
            if let letter = open(file, &seen, now: context.clock.now()) { letters.append((file.name, letter.message, letter.signed)) }
        }
        // In the order in which they were written: names are random, and what is behind too much else counts as too old.
        letters.sort { $0.message.envelope.sequence < $1.message.envelope.sequence }
        for (name, message, signed) in letters {
            let now = context.clock.now()
            try context.reached(.replyRead)
            let reception = state.receive(message, certified: certifiedKey(in: message), now: now)
            seen.note(name, until: now + Backoff.pause(attempts: 1, poll: poll))
            switch reception {
            case .ignored(let reason):
                context.log.debug("ignored \(name) on the pad \(state.pad.directory): \(reason)")
            case .again(let entry):
                // Anybody may put old replies back: a few at a time.
                let isRepeated = toAcknowledge.contains { $0.messageID == entry.messageID }
                if isOverdue(entry, now: now), !isRepeated, toAcknowledge.count < 64 { toAcknowledge.append(entry) }
            case .handled(let entry):
                receptions.append(reception)
                toAcknowledge.append(entry)
            case .perform(let task, let entry):
                receptions.append(reception)
                if let done = try perform(task, entry, signed: signed) { toAcknowledge.append(done) }
            }
        }
        state.giveUpInterrupted(now: context.clock.now())
        // A rotation that a renewal's acceptance ended, and what was given up.
        for entry in state.handled.entries where entry.outcome != nil && entry.acknowledgedAt == nil {
            if !toAcknowledge.contains(where: { $0.messageID == entry.messageID }) { toAcknowledge.append(entry) }
        }
        // The new key's first word says that it is in use: nothing of the old one may come after it.
        if let nextKey, state.key.fingerprint == nextKey { try loadKey() }
        if !toAcknowledge.isEmpty {
            // By the key that they came to, also where a refused registration has just been given up for the one before.
            try acknowledge(toAcknowledge)
        } else if state != before {
            try save()
        }
        if state.key.fingerprint != key.fingerprint { try loadKey() }
        if !receptions.isEmpty { try directory.sweep(keeping: state) }
        return receptions
    }

    /// The acknowledgement may have been lost: the controller still publishes what it was for.
    private func isOverdue(_ entry: HandledMessages.Entry, now: Timestamp) -> Bool {
        guard entry.outcome != nil else { return false }
        guard let last = entry.acknowledgedAt else { return true }
        return now < last || now - last >= Backoff.pause(attempts: 1, poll: poll)
    }

    private mutating func replies(_ seen: SeenFiles) throws(AgentError) -> [CollectedFile] {
        let (own, notDue) = (key.fingerprint, seen.notDue(now: context.clock.now()))
        return try onPad { pad throws(PadError) in try pad.replies(for: own, except: notDue) }
    }

    /// Nil for what is no message that the pinned controller signed for this key.
    private mutating func open(_ file: CollectedFile, _ seen: inout SeenFiles, now: Timestamp) -> Letter? {
        let reason: String
        switch file.content {
        case .fault(let fault): reason = "\(fault)"
        case .content(let bytes):
            switch verified(bytes, now: now) {
            case .success(let letter): return letter
            case .failure(let fault): reason = fault.reason
            }
        }
        if !seen.wasSeen(file.name) {
            state.counters.unverifiable += 1
            context.log.debug("ignored \(file.name) on the pad \(state.pad.directory): \(reason)")
        }
        // It may have been read half written: the controller puts it again under the same name.
        seen.note(file.name, until: now + max(poll * 4, .seconds(1)))
        return nil
    }

    /// A message, and the SignedData that it stood in: proof for whoever does not take this process's word.
    private struct Letter {
        let message: Message
        let signed: [UInt8]
    }

    private struct Unverifiable: Error {
        let reason: String
    }

    private func verified(_ bytes: [UInt8], now: Timestamp) -> Result<Letter, Unverifiable> {
        let opened: Opened
        do throws(SealingError) {
            opened = try Sealing.open(bytes, with: RecipientKeys([key]))
        } catch {
            return .failure(Unverifiable(reason: "\(error)"))
        }
        if let fault = opened.signer.fault(issuedBy: pad.verified.authority, role: .controllerSigning, at: now) {
            return .failure(Unverifiable(reason: "its signer: \(fault)"))
        }
        do throws(MessageError) {
            return .success(Letter(message: try Message.parse(opened.payload), signed: opened.signed))
        } catch {
            return .failure(Unverifiable(reason: "\(error)"))
        }
    }

    /// The host certificate in an acceptance, where the pinned controller issued it. Its times are not compared with this host's clock: it was
    /// issued just now.
    private func certifiedKey(in message: Message) -> CertifiedKey? {
        guard case .reply(let reply) = message.body, case .accepted(let acceptance) = reply.outcome,
            let der = acceptance.certificates.first
        else { return nil }
        do throws(SealingError) {
            let certificate = try Certificate(der: der)
            if let fault = certificate.fault(issuedBy: pad.verified.authority, role: .host, at: certificate.notBefore) {
                context.log.warning("the certificate in an acceptance does not hold: \(fault)")
                return nil
            }
            return CertifiedKey(fingerprint: certificate.fingerprint, notAfter: certificate.notAfter)
        } catch {
            context.log.warning("the certificate in an acceptance cannot be read: \(error)")
            return nil
        }
    }
}
