import Identifiers
import Messages
import ScratchPad
import Sealing

extension Exchange {
    /// Makes a message: sealed, durable here, published, and kept until it is answered. `note` adds what an answer will settle.
    @discardableResult
    package mutating func post(
        _ body: MessageBody, note: (inout OutgoingMessage) -> Void = { _ in }
    ) throws(AgentError) -> MessageID {
        let now = context.clock.now()
        var chain = state.chain
        let (message, sealed) = try seal(body, extending: &chain)
        let limit = pad.header.limits.messageBytes
        guard sealed.count <= limit else {
            throw .messageTooLarge(directory: state.pad.directory, kind: body.kind.rawValue, bytes: sealed.count, limit: limit)
        }
        var outgoing = OutgoingMessage(
            messageID: message.envelope.messageID, kind: body.kind, sequence: message.envelope.sequence, createdAt: now)
        note(&outgoing)
        try directory.write(outgoing.file, sealed)
        try context.reached(.messageWritten)
        state.chain = chain
        state.outbox.append(outgoing)
        try save()
        try context.reached(.messageRecorded)
        try publish(outgoing.messageID)
        return outgoing.messageID
    }

    /// Publishes again, under a new name, what is overdue for an answer. Nothing but a registration while the controller wants this host to wait.
    ///
    /// - Parameter isAsked: a person waits: only the first pause counts, not what it grew to, nor what the controller wanted before.
    package mutating func publishDue(isAsked: Bool = false) throws(AgentError) {
        let now = context.clock.now()
        let mustWait = !isAsked && state.mustWait(now: now)
        for message in state.outbox
        where (!mustWait || message.kind == .registration) && Backoff.isDue(message, now: now, poll: poll, isAsked: isAsked) {
            try publish(message.messageID)
        }
    }

    /// A message of the outbox onto the pad. Its file being there still, the controller has not looked: it is not written once more.
    private mutating func publish(_ messageID: MessageID) throws(AgentError) {
        guard let index = state.outbox.firstIndex(where: { $0.messageID == messageID }) else { return }
        let message = state.outbox[index]
        let sealed = try directory.read(message.file)
        if let name = message.publishedName.flatMap({ PadName($0) }).flatMap({ MessageFileName($0) }) {
            if try onPad({ pad throws(PadError) in try pad.isWaiting(name) }) {
                state.outbox[index].publishedAt = context.clock.now()
                return try save()
            }
        }
        try cleanOnce()
        guard try hasRoom(for: sealed.count) else { return }
        let name: MessageFileName
        do throws(AgentError) {
            name = try put(sealed, sequence: message.sequence)
        } catch {
            context.leftOvers.forget(state.pad.padID, for: key.fingerprint)
            if case .padSilent = error {} else { try note(error, isOfWriting: true) }
            throw error
        }
        try context.reached(.messagePublished)
        state.padTrouble = nil
        state.outbox[index].publishedName = name.name.description
        state.outbox[index].publishedAt = context.clock.now()
        state.outbox[index].attempts += 1
        state.counters.published += 1
        try save()
        try context.reached(.publicationRecorded)
    }

    /// Removes what a crash of this agent left half written. The pad holds what all its hosts wait with: it is listed once in a process.
    private mutating func cleanOnce() throws(AgentError) {
        let sender = key.fingerprint
        guard context.leftOvers.mustLook(on: state.pad.padID, for: sender) else { return }
        do throws(AgentError) {
            try onPad { pad throws(PadError) in try pad.clean(sender: sender) }
        } catch {
            context.leftOvers.forget(state.pad.padID, for: sender)
            throw error
        }
    }

    /// Whether the pad takes one more message of so many bytes, beside those of this host that wait there. What is too much is told, and tried
    /// again at each look; one message always has room.
    private mutating func hasRoom(for bytes: Int) throws(AgentError) -> Bool {
        let limits = pad.header.limits
        var waiting = (messages: 0, bytes: 0)
        for message in state.outbox {
            guard let name = message.publishedName.flatMap({ PadName($0) }).flatMap({ MessageFileName($0) }),
                try onPad({ pad throws(PadError) in try pad.isWaiting(name) })
            else { continue }
            waiting.messages += 1
            waiting.bytes += try directory.read(message.file).count
        }
        if waiting.messages == 0 || waiting.messages < limits.pendingMessages && waiting.bytes + bytes <= limits.pendingBytes {
            return true
        }
        let reason = """
            \(waiting.messages) messages of this host wait there with \(waiting.bytes) bytes, and the pad takes \(limits.pendingMessages) with \
            \(limits.pendingBytes) at most; the next goes when the controller has taken one
            """
        try note(.cannotPublish(directory: state.pad.directory, reason: reason), isOfWriting: true)
        return false
    }

    /// Publishes acknowledgements, once, of what is durable; the controller publishes again what it misses one for.
    mutating func acknowledge(_ entries: [HandledMessages.Entry]) throws(AgentError) {
        var letters: [(sequence: Int64, bytes: [UInt8])] = []
        var chain = state.chain
        for var entry in entries {
            guard let outcome = entry.outcome else { continue }
            let body = MessageBody.acknowledgement(Acknowledgement(of: entry.messageID, outcome: outcome, detail: entry.detail))
            let (message, sealed) = try seal(body, extending: &chain)
            letters.append((message.envelope.sequence, sealed))
            entry.acknowledgedAt = context.clock.now()
            state.handled.record(entry)
        }
        state.chain = chain
        // Effects, and the numbers that the acknowledgements use, become durable in one step.
        try save()
        try context.reached(.effectRecorded)
        for letter in letters {
            _ = try put(letter.bytes, sequence: letter.sequence)
            state.counters.published += 1
            try context.reached(.acknowledgementPublished)
        }
    }

    private mutating func put(_ sealed: [UInt8], sequence: Int64) throws(AgentError) -> MessageFileName {
        let sender = key.fingerprint
        return try onPad { pad throws(PadError) in try pad.publish(sealed, sender: sender, sequence: sequence) }
    }

    /// The message that follows in `chain`, and its sealed bytes.
    private func seal(_ body: MessageBody, extending chain: inout Chain) throws(AgentError) -> (message: Message, sealed: [UInt8]) {
        let now = context.clock.now()
        let messageID = MessageID.random()
        let number = chain.extend(messageID, at: now)
        let message = Message(
            envelope: Envelope(
                messageID: messageID, padID: state.pad.padID, epoch: state.pad.epoch, sender: key.fingerprint,
                recipient: state.pad.controllerKey, previous: number.previous, previousSequence: number.previousSequence,
                sequence: number.sequence, at: now),
            body: body)
        var payload = message.jsonBytes
        // A registration holds a password.
        defer { Secret.wipe(&payload) }
        do throws(SealingError) {
            return (message, try Sealing.seal(payload, signer: signer(now: now), recipient: pad.verified.decryption))
        } catch {
            throw .cryptography(operation: "seal the \(body.kind.rawValue)", reason: "\(error)")
        }
    }

    /// This host with the certificate that the controller issued, or before that with one of its own.
    private func signer(now: Timestamp) throws(SealingError) -> Signer {
        if let der = state.membership?.certificates.first {
            let certificate = try Certificate(der: der)
            if certificate.publicKey == key.publicKey { return try Signer(key: key, certificate: certificate) }
        }
        let certificate = try CertificateAuthority.selfSigned(
            key: key, subjectName: Self.subjectName, now: now, lifetime: .seconds(30 * 86_400))
        return try Signer(key: key, certificate: certificate)
    }

    /// In requests and first certificates; the controller gives a name of its own.
    static var subjectName: String { "quartermaster-agent" }
}
