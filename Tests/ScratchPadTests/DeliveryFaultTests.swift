import Identifiers
import PadSimulation
import Testing

@testable import ScratchPad

@Suite struct DeliveryFaultTests {
    /// Passes of a controller that crashes somewhere, and begins anew from what its database holds.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `replies that a crash took or tore are delivered again, whole`(seed: UInt64) throws {
        let storage = SimulatedStorage(seed: seed)
        let pad = try TestPad(on: storage, as: 0)
        let key = try fingerprint(1)
        let rows = try (0..<8).map { (name: try name("reply-\($0).p7m"), bytes: [UInt8](repeating: UInt8($0), count: 64)) }
        var faults = SimulatedStorage.Faults()
        faults.forcing = 100
        faults.space = 50
        faults.inputOutput = 20
        storage.setFaults(faults, for: 0)
        var random = SplitMix64(seed: seed)

        func pass() throws(PadError) {
            var controller = ControllerPad(medium: storage.medium(for: 0))
            try controller.cleanTemporaries()
            for row in rows where try !controller.isDelivered(row.bytes, as: row.name, to: key) {
                try controller.deliver(row.bytes, as: row.name, to: key)
            }
            try controller.flush()
        }
        for _ in 0..<4 {
            storage.crash(0, afterCalls: Int.random(in: 1...60, using: &random))
            do throws(PadError) { try pass() } catch {}
            storage.restart(0)
            // A host sees nothing that it would take for a reply while it is being written.
            for file in try pad.host(on: storage.medium(for: 1)).replies(for: key) { #expect(!file.name.isHidden) }
        }
        storage.setFaults(.init(), for: 0)
        try pass()
        let seen = try pad.host(on: storage.medium(for: 1)).replies(for: key)
        #expect(seen.map(\.bytes) == rows.map(\.bytes))
        #expect(try storage.medium(for: 1).names(in: .replies(key), limit: 100).count == rows.count)
    }
}
