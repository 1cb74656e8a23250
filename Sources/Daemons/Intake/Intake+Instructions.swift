import Identifiers
import Messages
import Provider
import Sealing
import Store
import StrictJSON

extension Intake {
    /// Asks a host to do something. When this returns, that is durable; it is laid on the pad where the host was heard last with the next
    /// look, and stays until the host says what became of it. Throws `InstructionError`.
    package func instruct(
        _ host: HostID, _ action: Instruction.Action, lifetime: Duration, by actor: Actor
    ) async throws -> InstructionRecord {
        let (record, file) = try await processor.instruct(host, action, lifetime: lifetime, by: actor)
        station(file.padID)?.note(file, pause: .zero, now: clock())
        return record
    }
}

extension MessageProcessor {
    fileprivate func instruct(
        _ host: HostID, _ action: Instruction.Action, lifetime: Duration, by actor: Actor
    ) async throws -> (InstructionRecord, OutgoingFile) {
        guard InstructionRecord.lifetimes.contains(lifetime) else { throw InstructionError.lifetime }
        let (keys, numbers, configuration) = (currentKeys, numbers, configuration)
        return try await store.write { transaction in
            guard let known = try transaction.host(host) else { throw HostActionError.noSuchHost(host) }
            guard known.state == .registered else { throw InstructionError.notRegistered(host, state: known.state) }
            try Self.admit(action, to: host, beside: try transaction.openInstructions(of: host))
            guard let key = try transaction.reachableKey(of: host) else { throw InstructionError.unreachable(host) }
            let expires = transaction.now + lifetime
            let instruction = Instruction(action: action, expires: expires)
            let recipient = try Certificate(der: key.certificate)
            let message = Message(
                envelope: Envelope(
                    messageID: .random(), padID: key.pad, epoch: try transaction.controller().epoch, sender: keys.fingerprint,
                    recipient: recipient.fingerprint, previous: nil, sequence: try numbers.take(1, in: transaction), at: transaction.now),
                body: .instruction(instruction))
            let sealed = try Sealing.seal(message.jsonBytes, signer: keys.signer, recipient: recipient)
            // Longer than it is good for: a host that reads it late says that it came too late.
            let stays = max(expires + .seconds(86_400), transaction.now + configuration.replyLifetime)
            let replyID = try transaction.addReply(
                messageID: message.envelope.messageID, inReplyTo: nil, keyID: key.id, pad: key.pad, sealed: sealed, expires: stays)
            let record = try transaction.addInstruction(
                to: host, body: String(decoding: instruction.jsonBytes, as: UTF8.self), replyID: replyID, pad: key.pad, expires: expires,
                by: actor)
            try transaction.audit(
                actor: actor, action: "instruction.send", subject: record.instructionID,
                detail: "host=\(host) \(record.body)", account: known.accountID)
            return (
                record,
                OutgoingFile(padID: key.pad, key: recipient.fingerprint, messageID: message.envelope.messageID, bytes: [], expiresAt: stays)
            )
        }
    }

    private static func admit(_ action: Instruction.Action, to host: HostID, beside open: [InstructionRecord]) throws {
        guard open.count < InstructionRecord.maximumOpen else {
            throw InstructionError.tooMany(host, limit: InstructionRecord.maximumOpen)
        }
        for other in open {
            if try Instruction(json: JSONFields(JSONValue.parse(other.body))).action == .rotateKeys {
                throw InstructionError.keysInRotation(host, instructionID: other.instructionID)
            }
        }
        if action == .rotateKeys, let first = open.first {
            throw InstructionError.othersOpen(host, instructionID: first.instructionID)
        }
    }
}
