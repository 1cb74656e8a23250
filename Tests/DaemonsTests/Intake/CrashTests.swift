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

    @Test(arguments: CrashPoint.allCases, [0, 1, 2])
    func anInterruptedPassIsFinishedByTheNext(point: CrashPoint, after count: Int) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var hosts = try (0..<3).map {
                try fixture.host(on: pad, name: "host\($0)", machineID: "machine\($0)", initiators: ["iqn.2026-11.com.example:h\($0)"])
            }
            let left = Mutex(count)
            try await fixture.restart { reached, _ in
                guard reached == point else { return }
                let isEnd = left.withLock { left -> Bool in
                    left -= 1
                    return left < 0
                }
                if isEnd { throw Crash() }
            }
            var messages: [Message] = []
            for index in hosts.indices { messages.append(try hosts[index].send(hosts[index].registration(customer))) }
            do { try await fixture.pass() } catch is Crash {}
            // What the controller's machine had not forced out may be gone.
            pad.storage.restart(0)
            try await fixture.restart()
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
            #expect(try await fixture.hosts().count == 3)
            #expect(try await fixture.audit().count { $0.action == "host.register" } == 3)
            #expect(try await fixture.pass().words.isEmpty)
        }
    }
}
