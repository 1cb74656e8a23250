import Files
import Glibc
import Identifiers
import Inventory
import Messages
import Testing

@testable import AgentCore

/// `register` where there is a registration already, or where there was to be one.
@Suite struct RepeatedRegistrationTests {
    private func refuse(_ host: TestHost, _ reason: RefusalReason, _ kinds: [MessageKind] = MessageKind.allCases) {
        let now = host.clock.now
        host.controller.decide = { [controller = host.controller] message in
            kinds.contains(message.body.kind)
                ? .refused(Refusal(reason: reason, text: "because")) : controller.usualDecision(message, now: now)
        }
    }

    private func accept(_ host: TestHost) {
        host.controller.decide = { [controller = host.controller, now = host.clock.now] in controller.usualDecision($0, now: now) }
    }

    private func register(_ host: TestHost, password: String = "correct", level: Int = 3) throws -> Enrolment.Outcome {
        try host.enrolment.send(host.request(level: level), credential: TestHost.password(password))
        return try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(10))
    }

    private func reason(_ outcome: Enrolment.Outcome) -> String? {
        if case .refused(let obstacle) = outcome { obstacle.reason } else { nil }
    }

    @Test(arguments: [RefusalReason.suspended, .revoked, .badCredentials, .duplicateHost])
    func `a registered host asks the controller each time, and a refusal leaves what there was`(reason refusal: RefusalReason) throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            let before = try host.state()
            refuse(host, refusal)
            #expect(try reason(register(host, level: 2)) == refusal.rawValue)
            #expect(host.controller.messages(.registration).count == 2)
            let after = try host.state()
            #expect(after.phase == .registered && after.outbox.isEmpty)
            #expect(after.membership == before.membership && after.customer == before.customer && after.key == before.key)
            #expect(after.told.inventory == before.told.inventory)
            #expect(after.obstacle?.reason == (refusal == .revoked ? "revoked" : nil))
            accept(host)
            if refusal != .revoked { #expect(try host.report().sent == [.freeSpace]) }
        }
    }

    @Test func `another level counts when it is accepted, and from then on`() throws {
        try TestHost.with { host in
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            try host.register()
            host.controller.isAway = true
            try host.enrolment.send(host.request(level: 2), credential: TestHost.password("correct"))
            #expect(try host.state().customer.level == 3)
            #expect(try host.enrolment.standing(pad: host.padDirectory, account: host.account) == .waiting)
            host.controller.isAway = false
            _ = try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(10))
            #expect(try host.state().customer.level == 2)
            #expect(try host.enrolment.customer(pad: host.padDirectory, account: host.account)?.level == 2)
            let told = host.controller.taken.count
            host.facts.blockDevices.append(Inventory.BlockDevice(name: "sdb", kind: "disk"))
            #expect(try host.report().sent == [.freeSpace])
            for message in host.controller.taken[told...] { #expect(!message.jsonText.contains("\"sd")) }
            guard case .registration(let second) = host.controller.messages(.registration).last?.body else {
                Issue.record("nothing was registered")
                return
            }
            #expect(second.level == 2 && second.inventory.blockDevices.isEmpty)
        }
    }

    @Test func `a host that the controller removed is registered again with the key that it has`() throws {
        try TestHost.with { host in
            try host.register()
            let key = try host.state().key
            refuse(host, .notRegistered)
            #expect(throws: AgentError.refused(reason: "not-registered", text: "because")) { try host.report() }
            accept(host)
            guard case .accepted = try register(host) else {
                Issue.record("the registration was not accepted")
                return
            }
            let state = try host.state()
            #expect(state.obstacle == nil && state.key == key)
            #expect(try host.report().sent == [.freeSpace])
        }
    }

    @Test func `a revoked host registers with a new key, and keeps the old one where that is refused`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            refuse(host, .revoked)
            #expect(throws: AgentError.refused(reason: "revoked", text: "because")) { try host.report() }
            let revoked = try host.state()
            try host.controller.pass(now: host.clock.now)
            let heard = host.controller.taken.count

            refuse(host, .duplicateHost)
            #expect(try reason(register(host)) == "duplicate-host")
            let refused = try host.state()
            #expect(refused.key == revoked.key && refused.membership == revoked.membership && refused.obstacle == revoked.obstacle)
            #expect(refused.former.isEmpty)
            let other = try #require(host.controller.messages(.registration).last).envelope.sender
            #expect(other != revoked.key.fingerprint)
            // Nothing was said with the revoked key, which would be an alarm: the answer was acknowledged by the one that asked.
            try host.controller.pass(now: host.clock.now)
            for message in host.controller.taken[heard...] { #expect(message.envelope.sender == other) }
            #expect(try FileDescriptor(directory: host.registration().path).names().filter { $0.hasSuffix(".pem") }.count == 1)

            accept(host)
            guard case .accepted = try register(host) else {
                Issue.record("the registration was not accepted")
                return
            }
            let state = try host.state()
            #expect(state.key != revoked.key && state.former.isEmpty && state.obstacle == nil && state.phase == .registered)
            #expect(try host.stateDirectory.registrations().count == 1)
            try host.report()
            #expect(host.controller.messages(.freeSpace).last?.envelope.sender == state.key.fingerprint)
        }
    }

    @Test func `a key that is about to change is waited for`() throws {
        try TestHost.with { host in
            try host.register()
            try host.controller.instruct(.rotateKeys, to: host.state().key.fingerprint, now: host.clock.now)
            try host.settle()
            host.controller.isAway = true
            #expect(throws: AgentError.self) { try host.report(timeout: .seconds(1)) }
            let (pad, account) = (host.padDirectory, try host.account)
            #expect(throws: AgentError.self) { try host.enrolment.send(host.request(), credential: TestHost.password("correct")) }
            #expect(throws: AgentError.noAnswer(directory: pad, after: "1s")) {
                try host.enrolment.waitForKey(pad: pad, account: account, timeout: .seconds(1))
            }
            host.controller.isAway = false
            try host.enrolment.waitForKey(pad: pad, account: account, timeout: .seconds(100))
            guard case .accepted = try register(host) else {
                Issue.record("the registration was not accepted")
                return
            }
        }
    }

    // MARK: First registrations that are refused

    @Test func `a mistyped account leaves nothing behind, and other registrations report on`() throws {
        try TestHost.with { host in
            var request = try host.request()
            request.customer.accountID = try #require(AccountID("bogus"))
            refuse(host, .badCredentials)
            try host.enrolment.send(request, credential: TestHost.password("correct"))
            let outcome = try host.enrolment.wait(
                pad: host.padDirectory, account: request.customer.accountID, timeout: .seconds(10))
            #expect(reason(outcome) == "bad-credentials")
            #expect(try FileDescriptor(directory: "\(host.stateDirectory.path)/registrations").names() == [])
            accept(host)
            try host.register()
            for directory in try host.stateDirectory.registrations() {
                #expect(SingleReport(context: host.context, timeout: .seconds(10)).run(directory).error == nil)
            }
        }
    }

    @Test func `a refusal that came after the command had ended is told once, by the next report, and is gone then`() throws {
        try TestHost.with { host in
            host.controller.isAway = true
            #expect(throws: AgentError.noAnswer(directory: host.padDirectory, after: "10s")) { try host.register(password: "wrong") }
            #expect(try host.stateDirectory.registrations().count == 1)
            host.controller.isAway = false
            let report = SingleReport(context: host.context, timeout: .seconds(10))
            let error = try #require(report.run(host.registration()).error)
            #expect(error.exitStatus == .refused)
            #expect("\(error)".contains("nothing of the registration with account-1 is kept"))
            #expect(try host.stateDirectory.registrations().isEmpty)
        }
    }

    // MARK: Reports that somebody asked for

    @Test func `a report that somebody asks for asks the controller, whatever it refused before`() throws {
        try TestHost.with { host in
            try host.register()
            refuse(host, .suspended)
            #expect(throws: AgentError.refused(reason: "suspended", text: "because")) { try host.report() }
            refuse(host, .notRegistered)
            #expect(throws: AgentError.refused(reason: "not-registered", text: "because")) { try host.report() }
            accept(host)
            #expect(try host.report(timeout: nil).sent == [.freeSpace])
            try host.settle()
            #expect(try host.report().sent == [.freeSpace])
            #expect(try host.state().obstacle == nil)
        }
    }

    @Test func `a report without an answer names the pad`() throws {
        try TestHost.with { host in
            try host.register()
            host.controller.isAway = true
            #expect(throws: AgentError.noAnswer(directory: host.padDirectory, after: "10s")) { try host.report() }
        }
    }
}
