import Identifiers
import Messages

/// The controller's messages that were acted on, so that none is acted on twice: the last ones by ID, all older ones by a number.
package struct HandledMessages: Equatable, Sendable {
    /// As many as are remembered singly.
    package static let capacity = 64

    package private(set) var entries: [Entry] = []
    /// Messages of this number and below were handled, or came too late.
    package private(set) var floor: Int64 = 0

    package init() {}

    package init(entries: [Entry], floor: Int64) {
        self.entries = entries
        self.floor = floor
    }

    package struct Entry: Equatable, Sendable {
        package var messageID: MessageID
        package var sequence: Int64
        /// Of an instruction: its name.
        package var instruction: String?
        /// What is, or is to be, acknowledged; nil while an instruction is still being carried out.
        package var outcome: Acknowledgement.Outcome?
        package var detail: String?
        package var at: Timestamp
        package var acknowledgedAt: Timestamp?

        package init(messageID: MessageID, sequence: Int64, instruction: String?, outcome: Acknowledgement.Outcome?, at: Timestamp) {
            self.messageID = messageID
            self.sequence = sequence
            self.instruction = instruction
            self.outcome = outcome
            self.at = at
        }
    }

    package enum Standing: Equatable {
        case new
        case known(Entry)
        /// Not remembered singly, and behind what was handled.
        case tooOld
    }

    package func standing(of messageID: MessageID, sequence: Int64) -> Standing {
        if let entry = entries.first(where: { $0.messageID == messageID }) { return .known(entry) }
        return sequence <= floor ? .tooOld : .new
    }

    /// Remembers one, or what became of it. The oldest that is acknowledged goes when there are too many.
    package mutating func record(_ entry: Entry) {
        if let index = entries.firstIndex(where: { $0.messageID == entry.messageID }) {
            entries[index] = entry
            return
        }
        entries.append(entry)
        while entries.count > Self.capacity {
            let index = entries.firstIndex { $0.acknowledgedAt != nil } ?? 0
            floor = max(floor, entries.remove(at: index).sequence)
        }
    }
}
