import Identifiers
import Messages
import Provider
import Sealing
import Store

/// What is to be done about one message once its transaction is committed.
enum MessageDecision: Sendable {
    /// A new answer, to be sealed and kept in the same transaction.
    case answer(AnswerDraft)
    /// The answer that it got before, to be delivered once more.
    case again(StoredReply)
    /// Taken in (or seen before), and nothing to answer. `acknowledged`: the reply or instruction whose file can go.
    case silent(acknowledged: AcknowledgedReply?)
    /// Left without a decision, as if it had been lost: the sender publishes it again. `reason` is counted.
    case dropped(reason: String)
}

struct AcknowledgedReply: Sendable {
    let padID: PadID
    let key: Fingerprint
    let messageID: MessageID
}

/// An answer before it is sealed.
struct AnswerDraft: Sendable {
    let keyID: Int64
    let recipient: Certificate
    let pad: PadTerms
    let inReplyTo: MessageID
    let outcome: Reply.Outcome
    /// Says only that the message was not taken as it stands: who does not read it has missed nothing.
    var isReminder = false

    /// What has one answer.
    struct Subject: Hashable {
        let keyID: Int64
        let pad: PadID
        let message: MessageID
    }

    var subject: Subject { Subject(keyID: keyID, pad: pad.id, message: inReplyTo) }
}

extension Reply.Outcome {
    static func refused(_ refusal: HostRefusal) -> Reply.Outcome {
        .refused(
            Messages.Refusal(
                reason: RefusalReason(rawValue: refusal.reason.rawValue), text: refusal.text,
                retryAfterSeconds: refusal.retryAfter.map { max(1, $0.components.seconds) },
                supportedVersions: refusal.reason == .unknownVersion ? Array(MessageFormat.supported) : []))
    }
}
