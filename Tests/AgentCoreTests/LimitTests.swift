import Identifiers
import Inventory
import Messages
import ScratchPad
import Testing

@testable import AgentCore

/// What the pad's header allows, and what the controller says of a host that sends too much.
@Suite struct LimitTests {
    private func status(_ host: TestHost) throws -> RegistrationStatus { RegistrationStatus(of: try host.state(), now: host.clock.now) }

    private func rounds(_ host: TestHost) -> Rounds {
        Rounds(stateDirectory: host.stateDirectory, configuration: AgentConfiguration(), context: host.context)
    }

    /// Works whenever something is due, with the controller looking between.
    private func live(_ rounds: inout Rounds, _ host: TestHost, _ duration: Duration) throws {
        let end = host.clock.uptime + duration
        while rounds.next <= end {
            host.clock.advance(max(.zero, rounds.next - host.clock.uptime))
            rounds.work()
            try host.controller.pass(now: host.clock.now)
        }
        host.clock.advance(end - host.clock.uptime)
    }

    @Test func `a host over its limit waits as long as it is told, says so, and goes on`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            let usual = host.controller.decide
            host.controller.decide = { _ in .refused(Refusal(reason: .limit, text: "too many messages", retryAfterSeconds: 900)) }
            var rounds = rounds(host)
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            try live(&rounds, host, .seconds(120))
            let published = try host.state().counters.published
            let files = host.controller.files
            let problems = try status(host).problems
            #expect(problems.contains { $0.text.hasSuffix("(limit): too many messages") && $0.remedy.contains("goes on at") })
            try live(&rounds, host, .seconds(600))
            #expect(host.controller.files == files)
            #expect(try host.state().counters.published == published)

            host.controller.decide = usual
            try live(&rounds, host, .seconds(600))
            #expect(try status(host).problems.isEmpty)
            #expect(try host.state().told.inventory == host.facts.digest.description)
        }
    }

    @Test func `what waits for an answer is not published again while the controller wants the host to wait`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            // The inventory is never answered, free space is refused.
            host.controller.decide = { message in
                message.body.kind == .inventory ? nil : .refused(Refusal(reason: .limit, text: "wait", retryAfterSeconds: 3_000))
            }
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(1_200))
            #expect(try host.state().obstacle?.reason == "limit")
            let attempts = try host.state().outbox.first?.attempts
            try live(&rounds, host, .seconds(1_200))
            #expect(try host.state().outbox.first?.attempts == attempts)
            try live(&rounds, host, .seconds(3_000))
            #expect(try #require(host.state().outbox.first?.attempts) > #require(attempts))
        }
    }

    @Test func `a registration that is refused for a while says when to try again`() throws {
        try TestHost.with { host in
            host.controller.decide = { _ in .refused(Refusal(reason: .locked, text: "too many wrong passwords", retryAfterSeconds: 60)) }
            try host.enrolment.send(host.request(), credential: TestHost.password("correct"))
            try host.settle()
            let obstacle = try #require(host.state().obstacle)
            #expect(try #require(obstacle.retryAt) == obstacle.at + .seconds(60))
            #expect(try status(host).problems.first?.remedy.contains("register again after \(obstacle.at + .seconds(60))") == true)
            #expect(
                try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(1)) == .refused(obstacle))
        }
    }

    @Test(arguments: [PadLimits(pendingMessages: 1), PadLimits(pendingBytes: 4096)])
    func `no more messages wait on the pad than its header says`(limits: PadLimits) throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            try host.controller.setLimits(limits)
            host.controller.isAway = true
            // More than the bytes that may wait: one message always has room.
            host.facts.blockDevices = (0..<200).map { Inventory.BlockDevice(name: "sd\($0)", kind: "disk") }
            let sent = try host.report(timeout: nil).sent
            #expect(sent == [.inventory, .freeSpace])
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(300))
            #expect(try host.controller.pad.medium.names(in: .incoming, limit: 10).count == 1)
            #expect(try host.state().outbox.map { $0.attempts } == [1, 0])
            #expect(try status(host).problems.contains { $0.text.contains("1 messages of this host wait there") })

            host.controller.isAway = false
            try live(&rounds, host, .seconds(600))
            #expect(host.controller.messages(.freeSpace).count >= 1)
            #expect(try host.state().outbox.isEmpty)
            #expect(try status(host).problems.isEmpty)
        }
    }

    @Test func `an inventory that the pad does not take keeps back nothing else, and is told`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            try host.controller.setLimits(PadLimits(messageBytes: 4096))
            let before = host.controller.messages(.freeSpace).count
            host.facts.blockDevices = (0..<500).map { Inventory.BlockDevice(name: "sd\($0)", kind: "disk") }
            #expect(throws: AgentError.self) { try host.report() }
            try host.settle()
            #expect(host.controller.messages(.freeSpace).count == before + 1)
            #expect(host.controller.messages(.inventory).isEmpty)
            var rounds = rounds(host)
            rounds.work()
            #expect(try status(host).problems.contains { $0.text.contains("and the pad takes 4096 at most; ask the provider to raise it") })
            try host.controller.setLimits(PadLimits())
            try live(&rounds, host, .seconds(600))
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(try status(host).problems.isEmpty)
        }
    }

    @Test func `a daemon above its memory ends with 75, for the service manager to start it anew`() throws {
        var configured = ResourceLimits()
        configured.memoryBytes = 64 << 20
        let limits = configured
        try limits.check(resident: nil)
        try limits.check(resident: 64 << 20)
        let error = #expect(throws: AgentError.memory(bytes: 65 << 20, limit: 64 << 20)) { try limits.check(resident: 65 << 20) }
        #expect(error?.exitStatus.rawValue == 75)
        #expect(error?.description.contains("65 MiB in memory, and may have 64") == true)
        // What is asked of the system is what the process has.
        #expect(try #require(Memory.resident()) > 1 << 20)
    }
}
