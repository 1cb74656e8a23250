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

    @Test func aCloneOfLongAgoIsAFork() throws {
        var window = SequenceWindow(epoch: 1)
        for number in 1...200 { try window.accept(sequence: Int64(number * 10), id: id(number), previous: id(number - 1)) }
        // It parted after message 3, which left the window long ago; what it sent there was lost.
        #expect(try window.judge(sequence: 2_005, id: id(900), previous: id(3), previousSequence: 30) == .fresh(fork: true))
        #expect(try window.judge(sequence: 2_005, id: id(900), previous: id(899), previousSequence: 1_985) == .fresh(fork: true))
        #expect(try window.judge(sequence: 2_005, id: id(900), previous: id(200), previousSequence: 2_000) == .fresh(fork: false))
        // Its predecessor was never taken in.
        #expect(try window.judge(sequence: 2_005, id: id(900), previous: id(899), previousSequence: 2_003) == .fresh(fork: false))
    }

    @Test func lossAndDisorderOfOneWriterAreNoFork() throws {
        var random = Xorshift(state: 7)
        for _ in 0..<20 {
            var sequence: Int64 = 1_000
            var messages: [(sequence: Int64, number: Int, previousSequence: Int64?)] = []
            for number in 1...400 {
                let before = sequence
                sequence += Int64.random(in: 1...90, using: &random)
                messages.append((sequence, number, number == 1 ? nil : before))
            }
            messages.removeAll { _ in Int.random(in: 0..<3, using: &random) == 0 }
            for start in stride(from: 0, to: messages.count - 60, by: 30) { messages[start..<start + 60].shuffle(using: &random) }
            var window = SequenceWindow(epoch: 1)
            for message in messages {
                let previous = try message.previousSequence.map { _ in try id(message.number - 1) }
                let verdict = try window.judge(
                    sequence: message.sequence, id: id(message.number), previous: previous, previousSequence: message.previousSequence)
                #expect(verdict != .fresh(fork: true))
                if case .fresh = verdict { try window.accept(sequence: message.sequence, id: id(message.number), previous: previous) }
            }
            #expect(window.entries.count == SequenceWindow.width)
        }
    }

    @Test func aNumberBehindTheLargestIsNotMade() throws {
        var window = SequenceWindow(epoch: 1)
        try window.accept(sequence: .max, id: id(1), previous: nil)
        #expect(window.next == nil)
        #expect(SequenceWindow(epoch: 1, floor: .max - 1).next == .max)
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

/// A generator whose numbers are the same each time.
private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
