import Foundation
import Synchronization
import TestSupport
import Testing

/// A thousand histories, or as many as SEEDS says, or the one that SEED names.
@Suite struct SimulationTests {
    @Test func noHistoryLosesRepeatsOrForgetsAMessage() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seeds: [UInt64] =
            if let one = environment["SEED"].flatMap({ UInt64($0) }) {
                [one]
            } else {
                Array(1...(environment["SEEDS"].flatMap { UInt64($0) } ?? 1_000))
            }
        let queue = SeedQueue(seeds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<min(seeds.count, ProcessInfo.processInfo.activeProcessorCount) {
                group.addTask {
                    // In memory where the system has such a place: what is simulated here is the pad, and the database keeps its own promises.
                    try await ControllerFixture.run(inMemory: true) { fixture in
                        var used = 0
                        var customer = try await fixture.customer("worker\(worker)")
                        while let seed = queue.next() {
                            try await SimulatedExchange.run(seed: seed, in: fixture, customer)
                            used += 1
                            // Lists stay short.
                            if used % 8 == 0 { customer = try await fixture.customer("worker\(worker)-\(used)") }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// The seeds that no worker has taken yet.
private final class SeedQueue: Sendable {
    private let seeds: Mutex<ArraySlice<UInt64>>
    init(_ seeds: [UInt64]) { self.seeds = Mutex(seeds[...]) }
    func next() -> UInt64? { seeds.withLock { $0.popFirst() } }
}
