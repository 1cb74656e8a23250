import Identifiers
import Messages
import Provider
import Sealing
import Store
import StrictJSON

/// A host speaks on a pad with another key than before: nobody reads any more what waits there for the keys of before.
struct KeySuccession: Sendable {
    let host: HostID
    let pad: PadID
    let keyID: Int64
    /// The certificate of the key that the host speaks with now.
    let recipient: Certificate
}

extension KeySuccession {
    /// Answers to the former keys go. Instructions are sealed for the new one, under the IDs that they had: a host that carried one out before it
    /// changed its key, and whose word was lost, says again what came of it. Returns what is to be laid on the pad, and what is to be taken away.
    func settle(
        _ keys: ControllerKeys, epoch: Int64, _ numbers: AnswerNumbers, in transaction: WriteTransaction
    ) throws -> (deliver: [OutgoingFile], withdraw: [AcknowledgedReply]) {
        var deliver: [OutgoingFile] = []
        var withdraw: [AcknowledgedReply] = []
        for waiting in try transaction.repliesToOtherKeys(of: host, than: keyID, on: pad) {
            withdraw.append(AcknowledgedReply(padID: pad, key: waiting.fingerprint, messageID: waiting.messageID))
            guard let body = waiting.instruction else {
                try transaction.forgetReply(waiting.id)
                continue
            }
            let message = Message(
                envelope: Envelope(
                    messageID: waiting.messageID, padID: pad, epoch: epoch, sender: keys.fingerprint, recipient: recipient.fingerprint,
                    previous: nil, sequence: try numbers.take(1, in: transaction), at: transaction.now),
                body: .instruction(try Instruction(json: JSONFields(JSONValue.parse(body)))))
            let sealed = try Sealing.seal(message.jsonBytes, signer: keys.signer, recipient: recipient)
            try transaction.readdressReply(waiting.id, to: keyID, sealed: sealed)
            deliver.append(
                OutgoingFile(
                    padID: pad, key: recipient.fingerprint, messageID: waiting.messageID, bytes: sealed, expiresAt: waiting.expiresAt))
        }
        return (deliver, withdraw)
    }
}
