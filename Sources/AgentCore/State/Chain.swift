import Identifiers
import Messages

/// Where this host stands in the sequence of its messages to one controller (docs/scratch-pad.md, "Sequence").
package struct Chain: Equatable, Sendable {
    package private(set) var last: Int64?
    package private(set) var previous: MessageID?

    package init(last: Int64? = nil, previous: MessageID? = nil) {
        self.last = last
        self.previous = previous
    }

    /// The envelope's part of a new message, which then is the last.
    package mutating func extend(
        _ messageID: MessageID, at now: Timestamp
    ) -> (sequence: Int64, previous: MessageID?, previousSequence: Int64?) {
        let sequence = Envelope.sequence(after: last, at: now)
        defer { (last, previous) = (sequence, messageID) }
        // After a new beginning `last` is a number to begin behind, and no message's.
        return (sequence, previous, previous == nil ? nil : last)
    }

    /// No clock comes near it, and numbers can follow it.
    private static let highest = Int64(1) << 62

    /// Begins anew, as a resync has it: no predecessor, and a number not below `next`.
    package mutating func restart(next: Int64?) {
        previous = nil
        if let next, next > (last ?? 0), next < Self.highest { last = next - 1 }
    }
}
