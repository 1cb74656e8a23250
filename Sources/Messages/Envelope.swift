import Identifiers
import StrictJSON

/// Who sent a message to whom, on which pad, and where it stands in the sender's sequence. All of it is inside the signature.
package struct Envelope: Equatable, Sendable {
    /// The same in every copy that is published until the message is answered.
    package var messageID: MessageID
    package var padID: PadID
    /// The epoch of the pad's header that the sender has seen; restoring a controller from a backup raises it.
    package var epoch: Int64
    /// The host's key; from the controller, the key of its CA (so that leaf keys rotate underneath).
    package var sender: Fingerprint
    /// To the controller: the key of its CA. To a host: its key.
    package var recipient: Fingerprint
    /// The ID of the sender's message before this one to the same recipient in this epoch; nil for the first.
    package var previous: MessageID?
    /// The number of that message: the sender wrote nothing between it and this one. Nil for the first.
    package var previousSequence: Int64?
    /// The larger of the sender's last + 1 and the microseconds since 1970 at sending.
    package var sequence: Int64
    package var at: Timestamp

    /// What numbers and epochs may be: there is always one more behind the largest.
    package static let numbers: ClosedRange<Int64> = 1...1 << 62

    package init(
        messageID: MessageID, padID: PadID, epoch: Int64, sender: Fingerprint, recipient: Fingerprint,
        previous: MessageID?, previousSequence: Int64? = nil, sequence: Int64, at: Timestamp
    ) {
        self.messageID = messageID
        self.padID = padID
        self.epoch = epoch
        self.sender = sender
        self.recipient = recipient
        self.previous = previous
        self.previousSequence = previousSequence
        self.sequence = sequence
        self.at = at
    }

    /// The number that follows `last`: larger than it, and not behind the clock.
    package static func sequence(after last: Int64?, at now: Timestamp) -> Int64 {
        guard let last else { return max(1, now.microseconds) }
        return max(last == .max ? last : last + 1, now.microseconds)
    }
}

extension Envelope: JSONReadable {
    package init(json: JSONFields) throws(JSONError) {
        messageID = try json.identifier("messageID")
        padID = try json.identifier("padID")
        epoch = try json.integer("epoch", in: Self.numbers)
        sender = try json.parsed("sender", expected: "a fingerprint (SHA256:…)") { Fingerprint($0) }
        recipient = try json.parsed("recipient", expected: "a fingerprint (SHA256:…)") { Fingerprint($0) }
        previous = try json.optionalIdentifier("previous")
        sequence = try json.integer("sequence", in: Self.numbers)
        previousSequence = try json.optionalInteger("previousSequence", in: Self.numbers)
        if let previousSequence, previousSequence >= sequence {
            throw .invalid(path: json.path("previousSequence"), reason: "is \(previousSequence), not before the message's own \(sequence)")
        }
        at = try json.timestamp("at")
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("messageID", messageID.text)
        writer.member("padID", padID.text)
        writer.member("epoch", epoch)
        writer.member("sender", sender.description)
        writer.member("recipient", recipient.description)
        writer.member("previous", previous?.text)
        writer.member("previousSequence", previousSequence)
        writer.member("sequence", sequence)
        writer.member("at", at.description)
    }
}
