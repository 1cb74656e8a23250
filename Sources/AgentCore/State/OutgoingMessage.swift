import Identifiers
import Messages

/// A message that exists: sealed, in a file beside the state, published under ever new names until it is answered.
package struct OutgoingMessage: Equatable, Sendable {
    package var messageID: MessageID
    package var kind: MessageKind
    package var sequence: Int64
    package var createdAt: Timestamp
    /// For an inventory: the digest that it tells, whose copy is kept under that name.
    package var inventory: String?
    /// For free space: what it tells.
    package var freeSpace: [FreeSpaceMark] = []
    /// For a registration or renewal: the key that it asks a certificate for.
    package var requestedKey: Fingerprint?
    /// For a registration: what the administrator said with it, which counts once it is accepted.
    package var customer: Customer?
    /// How often it was published; the last time, and the name on the pad.
    package var attempts = 0
    package var publishedAt: Timestamp?
    package var publishedName: String?

    package init(messageID: MessageID, kind: MessageKind, sequence: Int64, createdAt: Timestamp) {
        self.messageID = messageID
        self.kind = kind
        self.sequence = sequence
        self.createdAt = createdAt
    }

    /// The file with its sealed bytes.
    package var file: String { "message-\(sequence).p7m" }
}
