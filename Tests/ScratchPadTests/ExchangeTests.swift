import Identifiers
import Testing

@testable import ScratchPad

@Suite struct ExchangeTests {
    @Test(arguments: MediumKind.allCases)
    func `a published message is collected, deleted, answered and read`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let host = try pad.host()
        let key = pad.test.hostKey.fingerprint
        let published = try host.publish([1, 2, 3], sender: key, sequence: 5)
        #expect(try host.isWaiting(published))
        let collection = try pad.controller.collect(.init(), elapsed: .seconds(1), now: pad.now)
        #expect(collection.files == [CollectedFile(name: published.name, content: .content([1, 2, 3]))])
        #expect(collection.looked && !collection.hasMore && !collection.isOverfull && collection.flooding.isEmpty)
        try pad.controller.delete(published.name)
        #expect(try !host.isWaiting(published))
        #expect(try host.replies(for: key).isEmpty)
        let reply = ControllerPad.replyName(.random())
        try pad.controller.deliver([9], as: reply, to: key)
        try pad.controller.flush()
        try pad.controller.deliver([9], as: reply, to: key)
        #expect(try pad.controller.isDelivered([9], as: reply, to: key))
        #expect(try !pad.controller.isDelivered([8], as: reply, to: key))
        #expect(try host.replies(for: key) == [CollectedFile(name: reply, content: .content([9]))])
        #expect(try host.replies(for: key, except: [reply]).isEmpty)
        try pad.controller.withdraw(reply, from: key)
        #expect(try host.replies(for: key).isEmpty)
    }

    @Test(arguments: MediumKind.allCases)
    func `messages of one sender come in the order of their numbers`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let host = try pad.host()
        for sequence in [3, 1, 2] as [Int64] {
            _ = try host.publish([UInt8(sequence)], sender: fingerprint(1), sequence: sequence)
        }
        let files = try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files
        #expect(files.map(\.bytes) == [[1], [2], [3]])
    }

    @Test(arguments: MediumKind.allCases)
    func `one flooding sender does not keep the others from their turn`(kind: MediumKind) throws {
        var pad = try TestPad(kind, limits: PadLimits(pendingMessages: 20))
        let host = try pad.host()
        for sequence in 1...50 as ClosedRange<Int64> { _ = try host.publish([1], sender: fingerprint(1), sequence: sequence) }
        for sender in 2...6 as ClosedRange<UInt8> { _ = try host.publish([sender], sender: fingerprint(sender), sequence: 1) }
        let collection = try pad.controller.collect(.init(files: 12), elapsed: .zero, now: pad.now)
        #expect(collection.files.count == 12)
        #expect(collection.hasMore)
        #expect(collection.flooding == [Lane(of: try fingerprint(1)): 50])
        #expect(Set(collection.files.compactMap(\.bytes)) == [[1], [2], [3], [4], [5], [6]])
    }

    @Test func `lanes that are known get half of a pass however many others there are`() throws {
        var pad = try TestPad(.simulated)
        let host = try pad.host()
        for sender in 1...100 as ClosedRange<UInt8> { _ = try host.publish([sender], sender: fingerprint(sender), sequence: 1) }
        for sequence in 1...10 as ClosedRange<Int64> { _ = try host.publish([200], sender: fingerprint(200), sequence: sequence) }
        let known = Lane(of: try fingerprint(200))
        let files = try pad.controller.collect(.init(files: 20), elapsed: .zero, now: pad.now, prefers: { $0 == known }).files
        #expect(files.filter { $0.bytes == [200] }.count == 10)
    }

    @Test func `what was not taken in one pass is taken in the next`() throws {
        var pad = try TestPad(.simulated)
        let host = try pad.host()
        for sender in 1...30 as ClosedRange<UInt8> { _ = try host.publish([sender], sender: fingerprint(sender), sequence: 1) }
        var seen: [UInt8] = []
        for pass in 0..<3 {
            let files = try pad.controller.collect(.init(files: 10), elapsed: .milliseconds(pass), now: pad.now).files
            for file in files {
                seen += file.bytes ?? []
                try pad.controller.delete(file.name)
            }
        }
        #expect(seen.sorted() == Array(1...30))
    }

    @Test func `a budget of bytes ends a pass`() throws {
        var pad = try TestPad(.simulated)
        let host = try pad.host()
        for sender in 1...10 as ClosedRange<UInt8> {
            _ = try host.publish([UInt8](repeating: 0, count: 100), sender: fingerprint(sender), sequence: 1)
        }
        let collection = try pad.controller.collect(.init(bytes: 250), elapsed: .zero, now: pad.now)
        #expect(collection.files.count == 3)
        #expect(collection.hasMore)
    }

    @Test(arguments: MediumKind.allCases)
    func `quarantine keeps what is malformed within bounds, the newest`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let limits = ControllerPad.QuarantineLimits(files: 3, bytes: 1000)
        for number in 0..<6 {
            try pad.medium.write([UInt8](repeating: 0, count: 10), as: name("odd-\(number)"), in: .incoming, durably: false)
            pad.controller.lookAgain()
            let file = try #require(try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files.first)
            #expect(file.content == .fault(.oddName))
            #expect(try pad.controller.quarantine(file, now: pad.now + .seconds(number), limits: limits))
        }
        #expect(try pad.controller.quarantined().map(\.at) == (3..<6).map { pad.now + .seconds($0) })
        #expect(try pad.medium.names(in: .incoming, limit: 10).isEmpty)
    }

    @Test func `quarantine makes room by bytes, and drops what alone is too large`() throws {
        var pad = try TestPad(.simulated)
        let limits = ControllerPad.QuarantineLimits(files: 100, bytes: 100)
        for (number, size) in [40, 40, 40, 101].enumerated() {
            let file = CollectedFile(name: try name("f\(number)"), content: .content([UInt8](repeating: 0, count: size)))
            try pad.medium.write([0], as: file.name, in: .incoming, durably: false)
            #expect(try pad.controller.quarantine(file, now: pad.now + .seconds(number), limits: limits))
        }
        #expect(try pad.controller.quarantined().map(\.bytes) == [40, 40])
    }

    @Test func `temporary files of others are removed after a day, and a host removes its own`() throws {
        var pad = try TestPad(.simulated)
        let host = try pad.host()
        try pad.medium.write([1], as: MessageFileName(sender: fingerprint(1), sequence: 1).temporary, in: .incoming, durably: false)
        try pad.medium.write([1], as: MessageFileName(sender: fingerprint(2), sequence: 1).temporary, in: .incoming, durably: false)
        try host.clean(sender: fingerprint(1))
        #expect(try pad.medium.names(in: .incoming, limit: 10).count == 1)
        #expect(try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files.isEmpty)
        pad.controller.lookAgain()
        _ = try pad.controller.collect(.init(), elapsed: .seconds(86_399), now: pad.now)
        #expect(try pad.medium.names(in: .incoming, limit: 10).count == 1)
        pad.controller.lookAgain()
        _ = try pad.controller.collect(.init(), elapsed: .seconds(86_400), now: pad.now)
        #expect(try pad.medium.names(in: .incoming, limit: 10).isEmpty)
    }
}
