import Identifiers
import Provider

/// Which refusals are entered in the audit: of each caller and kind the first, and then one that counts the others, at most every ten minutes.
/// So that a flood of attempts leaves a trace, and does not fill the log.
struct RefusalLedger {
    struct Key: Hashable, Sendable {
        let actor: Actor
        /// `socket.refuse`, as the audit has it.
        let action: String
    }

    /// What the audit is to say.
    struct Record: Equatable, Sendable {
        let key: Key
        let accountID: AccountID?
        let subject: String
        let detail: String
    }

    private struct Entry {
        var writtenAt: Timestamp
        var more = 0
        var last: Record
    }

    static let pause: Duration = .seconds(600)
    /// Beyond so many callers at a time, the rest are counted as one.
    static let capacity = 256

    private var entries: [Key: Entry] = [:]

    /// What is to be entered at once; nil where it is counted for later.
    mutating func note(_ record: Record, at now: Timestamp) -> Record? {
        var record = record
        if entries[record.key] == nil, entries.count >= Self.capacity {
            record = Record(
                key: Key(actor: .localUser("others"), action: record.key.action), accountID: nil, subject: record.subject,
                detail: record.detail)
        }
        guard var entry = entries[record.key] else {
            entries[record.key] = Entry(writtenAt: now, last: record)
            return record
        }
        entry.more += 1
        entry.last = record
        entries[record.key] = entry
        return nil
    }

    /// What was counted and is due, or with `all` everything that was.
    mutating func due(at now: Timestamp, all: Bool = false) -> [Record] {
        var records: [Record] = []
        for (key, var entry) in entries where all || now >= entry.writtenAt + Self.pause {
            if entry.more == 0 {
                entries[key] = nil
                continue
            }
            let last = entry.last
            records.append(
                Record(
                    key: key, accountID: last.accountID, subject: last.subject,
                    detail: "\(entry.more) more since \(entry.writtenAt); the last: \(last.detail)"))
            (entry.more, entry.writtenAt) = (0, now)
            entries[key] = entry
        }
        return records.sorted { ($0.key.actor.text, $0.key.action) < ($1.key.actor.text, $1.key.action) }
    }
}
