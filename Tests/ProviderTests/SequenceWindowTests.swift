import Identifiers
import Provider
import Testing

@Suite struct SequenceWindowTests {
    private func id(_ number: Int) throws -> MessageID { try #require(MessageID("message-\(number)")) }

    @Test func aMessageIsFreshOnceAndRepeatedAfterwards() throws {
        var window = SequenceWindow(epoch: 1)
        #expect(try window.judge(sequence: 10, id: id(1), previous: nil) == .fresh(fork: false))
        try window.accept(sequence: 10, id: id(1), previous: nil)
        #expect(try window.judge(sequence: 10, id: id(1), previous: nil) == .repeated)
        #expect(window.last == 10)
    }

    @Test func disorderWithinTheWindowIsAccepted() throws {
        var window = SequenceWindow(epoch: 1)
        for number in [5, 3, 9, 1] {
            #expect(try window.judge(sequence: Int64(number), id: id(number), previous: nil) == .fresh(fork: false))
            try window.accept(sequence: Int64(number), id: id(number), previous: nil)
        }
        #expect(window.entries.map(\.sequence) == [1, 3, 5, 9])
    }

    @Test func whatFallsOutOfTheWindowIsOld() throws {
        var window = SequenceWindow(epoch: 1)
        for number in 1...65 { try window.accept(sequence: Int64(number * 1_000), id: id(number), previous: nil) }
        #expect(window.entries.count == 64)
        #expect(window.floor == 1_000)
        #expect(try window.judge(sequence: 1_000, id: id(1), previous: nil) == .old)
        #expect(try window.judge(sequence: 999, id: id(500), previous: nil) == .old)
        #expect(try window.judge(sequence: 1_001, id: id(501), previous: nil) == .fresh(fork: false))
    }

    @Test func aNumberUsedTwiceIsOld() throws {
        var window = SequenceWindow(epoch: 1)
        try window.accept(sequence: 7, id: id(1), previous: nil)
        #expect(try window.judge(sequence: 7, id: id(2), previous: nil) == .old)
    }

    @Test func twoMessagesWithOnePredecessorAreAFork() throws {
        var window = SequenceWindow(epoch: 1)
        try window.accept(sequence: 1, id: id(1), previous: nil)
        try window.accept(sequence: 2, id: id(2), previous: id(1))
        #expect(try window.judge(sequence: 3, id: id(3), previous: id(1)) == .fresh(fork: true))
        #expect(try window.judge(sequence: 3, id: id(3), previous: id(2)) == .fresh(fork: false))
    }

    @Test func beginningAnewIsNoFork() throws {
        var window = SequenceWindow(epoch: 1)
        try window.accept(sequence: 1, id: id(1), previous: nil)
        #expect(try window.judge(sequence: 2, id: id(2), previous: nil) == .fresh(fork: false))
    }

    @Test func bytesGiveTheSameWindowBack() throws {
        var window = SequenceWindow(epoch: 3, floor: 2)
        for number in 3...90 { try window.accept(sequence: Int64(number), id: id(number), previous: id(number - 1)) }
        #expect(SequenceWindow(encoded: window.encoded) == window)
    }

    @Test(arguments: [[], [1], [2] + [UInt8](repeating: 0, count: 16), [1] + [UInt8](repeating: 0, count: 17)])
    func otherBytesAreRefused(bytes: [UInt8]) {
        #expect(SequenceWindow(encoded: bytes) == nil)
    }
}
