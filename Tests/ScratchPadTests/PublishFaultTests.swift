import Glibc
import Identifiers
import PadSimulation
import Testing

@testable import ScratchPad

@Suite struct PublishFaultTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a message that was published survives every crash, whole`(seed: UInt64) throws {
        let storage = SimulatedStorage(seed: seed)
        let pad = try TestPad(on: storage, as: 0)
        let host = try pad.host(on: storage.medium(for: 1))
        var random = SplitMix64(seed: seed)
        var faults = SimulatedStorage.Faults()
        faults.forcing = 200
        faults.inputOutput = 50
        storage.setFaults(faults, for: 1)
        storage.crash(1, afterCalls: Int.random(in: 1...40, using: &random))
        let content = (0..<100).map { UInt8($0) }
        let sender = try fingerprint(1)
        var published: [MessageFileName] = []
        for sequence in 1...5 as ClosedRange<Int64> {
            do throws(PadError) { published.append(try host.publish(content, sender: sender, sequence: sequence)) } catch {}
        }
        storage.restart(1)
        storage.setFaults(.init(), for: 1)
        for name in published { #expect(try storage.medium(for: 0).read(name.name, in: .incoming, limit: 100) == .content(content)) }
        try host.clean(sender: fingerprint(1))
        #expect(try storage.medium(for: 0).names(in: .incoming, limit: 100).allSatisfy { !$0.isHidden })
    }

    @Test func `a failed fsync is followed by a new name, and the lost file removed`() throws {
        let storage = SimulatedStorage(seed: 5)
        let pad = try TestPad(on: storage, as: 0)
        let host = try pad.host(on: storage.medium(for: 1))
        var faults = SimulatedStorage.Faults()
        faults.forcing = 1000
        storage.setFaults(faults, for: 1)
        #expect(throws: PadError.self) { try host.publish([1], sender: fingerprint(1), sequence: 1) }
        #expect(try storage.medium(for: 0).names(in: .incoming, limit: 10).isEmpty)
    }

    @Test func `a full pad is said to be full at once`() throws {
        let storage = SimulatedStorage(seed: 5)
        let pad = try TestPad(on: storage, as: 0)
        let host = try pad.host(on: storage.medium(for: 1))
        var faults = SimulatedStorage.Faults()
        faults.space = 1000
        storage.setFaults(faults, for: 1)
        do {
            _ = try host.publish([1], sender: fingerprint(1), sequence: 1)
            Issue.record("a full pad took a message")
        } catch let PadError.notPublished(error) {
            #expect(error.errno == ENOSPC)
        }
    }

    @Test func `one history for one seed`() throws {
        func run() throws -> [String] {
            let storage = SimulatedStorage(seed: 99)
            let medium = storage.medium(for: 1)
            try medium.make(.root)
            try medium.make(.incoming)
            for number in 0..<20 { try medium.write(Array("x\(number)".utf8), as: name("f\(number)"), in: .incoming, durably: false) }
            storage.restart(1)
            return try medium.names(in: .incoming, limit: 100).map {
                "\($0) \(String(describing: try medium.read($0, in: .incoming, limit: 9)))"
            }
        }
        let first = try run()
        #expect(try run() == first)
        #expect(first.count < 20)
    }
}
