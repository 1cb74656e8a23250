import StrictJSON
import Synchronization
import Testing

@testable import Inventory

@Suite struct SortingTests {
    /// An entry that counts how often one of it is written.
    struct CountedEntry: InventoryEntry {
        static let written = Mutex(0)
        var key: String
        var number: Int

        init(key: String, number: Int) {
            self.key = key
            self.number = number
        }

        init(json fields: JSONFields) throws(JSONError) {
            key = try fields.string("key", maximumLength: 10)
            number = Int(try fields.integer("number", in: 0...1_000_000))
        }

        func write(to writer: inout JSONWriter) {
            Self.written.withLock { $0 += 1 }
            writer.object { writer in
                writer.member("key", key)
                writer.member("number", number)
            }
        }
    }

    @Test func `entries of one key are written once each to be sorted`() {
        let count = 2_000
        let entries = (0..<count).map { CountedEntry(key: $0 % 10 == 0 ? "b" : "a", number: 100_000 + ($0 * 7_919) % count) }
        let sorted = entries.sortedByKey()
        #expect(CountedEntry.written.withLock { $0 } == count)
        #expect(sorted == entries.sorted { ($0.key, $0.number) < ($1.key, $1.number) })
        #expect(Array(entries.reversed()).sortedByKey() == sorted)
    }
}
