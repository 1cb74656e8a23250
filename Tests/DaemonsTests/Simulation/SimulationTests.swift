import Foundation
import Synchronization
import TestSupport
import Testing

/// Histories by seed: as many as SEEDS says, or the one that SEED names; otherwise as many as each test has by default.
@Suite(.serialized) struct SimulationTests {
    private static let one = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
    private static let many = ProcessInfo.processInfo.environment["SEEDS"].flatMap { UInt64($0) }

    private typealias History = @Sendable (UInt64, ControllerFixture, ControllerFixture.Customer) async throws -> Tally

    /// The sums of the histories, printed. `reuse`: after so many, a worker begins with another controller.
    private func run(_ name: String, _ count: UInt64, reuse: Int = .max, _ history: @escaping History) async throws -> Tally {
        let seeds = Self.one.map { [$0] } ?? Array(1...(Self.many ?? count))
        let queue = SeedQueue(seeds)
        let begin = ContinuousClock.now
        let sum = try await withThrowingTaskGroup(of: Tally.self) { group in
            for worker in 0..<min(seeds.count, ProcessInfo.processInfo.activeProcessorCount) {
                group.addTask {
                    var sum = Tally.none
                    while !queue.isEmpty { sum.add(try await Self.run(queue, worker, reuse, history)) }
                    return sum
                }
            }
            return try await group.reduce(into: Tally.none) { $0.add($1) }
        }
        print("simulation of \(name): \(sum); \(ContinuousClock.now - begin)")
        return sum
    }

    private static func run(_ queue: SeedQueue, _ worker: Int, _ reuse: Int, _ history: History) async throws -> Tally {
        var sum = Tally.none
        // In memory where the system has such a place: what is simulated here is the pad, and the database keeps its own promises.
        try await ControllerFixture.run(inMemory: true) { fixture in
            var used = 0
            var customer = try await fixture.customer("worker\(worker)")
            while used < reuse, let seed = queue.next() {
                sum.add(try await history(seed, fixture, customer))
                used += 1
                // Lists stay short.
                if used % 8 == 0 { customer = try await fixture.customer("worker\(worker)-\(used)") }
            }
        }
        return sum
    }

    /// A simulation in which nothing happens proves nothing: `least` for each history, where there were many.
    private func expect(_ sum: Tally, atLeast least: [Tally.Subject: Double]) {
        guard Self.one == nil, sum[.histories] >= 100 else { return }
        for (subject, share) in least {
            #expect(
                Double(sum[subject]) >= share * Double(sum[.histories]),
                "\(sum[subject]) \(subject.rawValue) in \(sum[.histories]) histories")
        }
    }

    @Test func noHistoryLosesRepeatsOrForgetsAMessage() async throws {
        let sum = try await run("the protocol", 1_000) { try await SimulatedExchange.run(seed: $0, in: $1, $2) }
        expect(
            sum, atLeast: [.registrations: 1, .events: 1, .hostCrashes: 1, .controllerCrashes: 1, .lost: 1, .torn: 0.5, .failed: 1])
    }

    @Test func noHistoryOfRealAgentsLosesRepeatsOrForgetsAMessage() async throws {
        let sum = try await run("agents", 200, reuse: 16) { try await AgentHistory.run(seed: $0, in: $1, $2) }
        expect(
            sum,
            atLeast: [
                .registrations: 1, .inventories: 1, .instructions: 0.5, .hostCrashes: 1, .controllerCrashes: 1,
                .stateFaults: 0.5,
                .lost: 1, .torn: 1, .failed: 1, .replayed: 0.5, .removed: 0.2, .swapped: 0.05, .forged: 0.5, .clockSteps: 0.5,
                .rotations: 0.1,
                .snapshots: 0.1, .forks: 0.05, .reregistrations: 0.02,
            ])
    }
}

/// The seeds that no worker has taken yet.
private final class SeedQueue: Sendable {
    private let seeds: Mutex<ArraySlice<UInt64>>
    init(_ seeds: [UInt64]) { self.seeds = Mutex(seeds[...]) }
    func next() -> UInt64? { seeds.withLock { $0.popFirst() } }
    var isEmpty: Bool { seeds.withLock { $0.isEmpty } }
}
