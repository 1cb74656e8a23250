import Glibc
import Identifiers
import Testing

@testable import ScratchPad

/// Pads to which somebody writes more than hosts may.
@Suite struct SheddingTests {
    private let limits = PadLimits(messageBytes: 4_096, pendingMessages: 5, pendingBytes: 10_000)

    @Test(arguments: MediumKind.allCases)
    func `what a lane has beyond its share is removed, the latest first, and others' files stay`(kind: MediumKind) throws {
        var pad = try TestPad(kind, limits: limits)
        let flooded = try (1...12).map { try pad.host().publish([1], sender: fingerprint(1), sequence: $0) }
        let others = try (1...2).map { try pad.host().publish([2], sender: fingerprint(2), sequence: $0) }
        for number in 0..<9 { try pad.medium.write([], as: name("junk-\(number)"), in: .incoming, durably: false) }
        let found = try pad.controller.collect(.init(files: 0), elapsed: .zero, now: pad.now)
        #expect(found.flooding == [Lane(of: try fingerprint(1)): 12])
        #expect(found.excessOddNames == 4)
        let left = try pad.medium.names(in: .incoming, limit: 100)
        let expected = Set((flooded.prefix(5) + others).map(\.name))
        #expect(expected.isSubset(of: left))
        #expect(left.count == 5 + 2 + 5)
        let again = try pad.controller.collect(.init(files: 0), elapsed: .zero, now: pad.now)
        #expect(again.flooding.isEmpty && again.excessOddNames == 0)
    }

    @Test(arguments: MediumKind.allCases)
    func `a lane's bytes are bounded too`(kind: MediumKind) throws {
        var pad = try TestPad(kind, limits: limits)
        let large = [UInt8](repeating: 1, count: 4_000)
        let published = try (1...4).map { try pad.host().publish(large, sender: fingerprint(1), sequence: $0) }
        let small = try (1...4).map { try pad.host().publish([1], sender: fingerprint(2), sequence: $0) }
        let found = try pad.controller.collect(.init(files: 0), elapsed: .zero, now: pad.now)
        #expect(found.flooding == [Lane(of: try fingerprint(1)): 4])
        #expect(try Set(pad.medium.names(in: .incoming, limit: 100)) == Set((published.prefix(2) + small).map(\.name)))
    }

    @Test func `temporary files that may hide messages go after minutes instead of a day`() throws {
        var pad = try TestPad()
        for number in 0..<4 { try pad.medium.write([], as: name(".left-\(number).tmp"), in: .incoming, durably: false) }
        for minutes in [0, 11] {
            pad.controller.lookAgain()
            #expect(try pad.controller.collect(.init(names: 4), elapsed: .seconds(minutes * 60), now: pad.now).isOverfull)
        }
        #expect(try pad.medium.names(in: .incoming, limit: 10).isEmpty)
    }
}
