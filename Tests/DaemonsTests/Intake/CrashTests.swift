import Daemons
import Identifiers
import Messages
import Provider
import Store
import Synchronization
import TestSupport
import Testing

/// Intake ends at each of its durable steps and starts again: nothing is lost, applied twice or unanswered.
@Suite struct CrashTests {
    struct Crash: Error {}

    /// Each pass has messages of two new hosts, so that every step is reached in each of them: the crash comes in the pass that `count` names.
    @Test(arguments: CrashPoint.allCases, [0, 1, 2])
    func anInterruptedPassIsFinishedByTheNext(point: CrashPoint, after count: Int) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var hosts = try (0..<6).map {
                try fixture.host(on: pad, name: "host\($0)", machineID: "machine\($0)", initiators: ["iqn.2026-11.com.example:h\($0)"])
            }
            let reached = Mutex<(passes: Int, isIn: Bool)>((0, false))
            try await fixture.restart { step, _ in
                guard step == point else { return }
                let isEnd = reached.withLock { reached -> Bool in
                    if reached.isIn { return false }
                    reached = (reached.passes + 1, true)
                    return reached.passes == count + 1
                }
                if isEnd { throw Crash() }
            }
            var messages: [Message] = []
            var crashes: [Int] = []
            for pass in 0..<3 {
                for index in [2 * pass, 2 * pass + 1] { messages.append(try hosts[index].send(hosts[index].registration(customer))) }
                do {
                    try await fixture.pass()
                } catch is Crash {
                    crashes.append(pass)
                    // What the controller's machine had not forced out may be gone.
                    pad.storage.restart(0)
                    try await fixture.restart()
                }
                reached.withLock { $0.isIn = false }
            }
            #expect(crashes == [count], "\(point) was to end pass \(count)")
            try await fixture.pass()
            for (host, message) in zip(hosts, messages) {
                if try host.outcomes(to: message).isEmpty {
                    // The request was removed, and its answer lost with the machine: the agent publishes it again.
                    try host.publish(host.sealed(message), sequence: message.envelope.sequence)
                }
            }
            fixture.clock.advance(by: .seconds(31))
            try await fixture.pass()
            for (host, message) in zip(hosts, messages) { #expect(try host.outcomes(to: message).map(\.word) == ["accepted"]) }
            #expect(try await fixture.hosts().count == hosts.count)
            #expect(try await fixture.audit().count { $0.action == "host.register" } == hosts.count)
            #expect(try await fixture.pass().words.isEmpty)
        }
    }
}
