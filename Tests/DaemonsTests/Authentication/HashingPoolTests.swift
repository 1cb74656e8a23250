import Dispatch
import Identifiers
import Store
import Synchronization
import Testing

@testable import Daemons

@Suite struct HashingPoolTests {
    @Test func `a lane with much to do holds up no other`() async throws {
        let pool = HashingPool(width: 1)
        let order = Order()
        let gate = DispatchSemaphore(value: 0)
        let (busy, other) = (GuessSubject.pad(.random()), GuessSubject.pad(.random()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await pool.run(lane: busy, unless: { nil }) { gate.wait() } }
            try await waited(pool, for: 0, isFull: true)
            for number in 0..<20 {
                group.addTask { try await pool.run(lane: busy, unless: { nil }) { order.note("busy") } }
                try await waited(pool, for: number + 1)
            }
            group.addTask { try await pool.run(lane: other, unless: { nil }) { order.note("other") } }
            try await waited(pool, for: 21)
            gate.signal()
            try await group.waitForAll()
        }
        #expect(order.entries.count == 21)
        #expect((order.entries.firstIndex(of: "other") ?? 21) <= 1)
    }

    private final class Order: Sendable {
        private let state = Mutex<[String]>([])
        func note(_ entry: String) { state.withLock { $0.append(entry) } }
        var entries: [String] { state.withLock { $0 } }
    }

    private func waited(_ pool: HashingPool, for count: Int, isFull: Bool = false) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            let now = await (pool.waitingCount, pool.isFull)
            if now.0 >= count, now.1 || !isFull { return }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
