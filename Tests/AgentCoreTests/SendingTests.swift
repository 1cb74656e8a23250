import Files
import Glibc
import Identifiers
import Inventory
import Messages
import ScratchPad
import StrictJSON
import Testing

@testable import AgentCore

@Suite struct SendingTests {
    private let now = StateFixture.now
    private let policy = FreeSpacePolicy(interval: .seconds(900), threshold: 1)

    @Test func `nothing is sent when nothing changed`() throws {
        let state = try StateFixture.registered()
        #expect(state.toSend(.init(inventory: "0011", marks: []), policy: policy, now: now) == [])
    }

    @Test func `a change is sent once: not again while it is on its way`() throws {
        var state = try StateFixture.registered()
        let findings = RegistrationState.Findings(inventory: "2233", marks: [])
        #expect(state.toSend(findings, policy: policy, now: now) == [.inventory])
        try StateFixture.send(.inventory, from: &state)
        #expect(state.toSend(findings, policy: policy, now: now) == [])
    }

    @Test func `a certificate is renewed at two thirds of its life, and beyond its end`() throws {
        var state = try StateFixture.registered()
        let life = Duration.seconds(301 * 86_400)
        let begin = now - .seconds(86_400)
        #expect(state.toSend(nil, policy: policy, now: begin + life / 3 * 2 - .seconds(1)) == [])
        #expect(state.toSend(nil, policy: policy, now: begin + life / 3 * 2) == [.renewal])
        #expect(state.toSend(nil, policy: policy, now: begin + life + .seconds(1)) == [.renewal])
        try StateFixture.send(.renewal, from: &state)
        #expect(state.toSend(nil, policy: policy, now: begin + life) == [])
    }

    @Test func `a host that is not registered, or is leaving, tells nothing`() throws {
        for phase in [RegistrationState.Phase.registering, .refused, .leaving] {
            var state = try StateFixture.registered()
            state.phase = phase
            #expect(state.toSend(.init(inventory: "new", marks: []), policy: policy, now: now + .seconds(10_000)) == [])
        }
    }

    @Test func `what was refused before keeps the daemon from asking, and not a person`() throws {
        var state = try StateFixture.registered()
        let findings = RegistrationState.Findings(inventory: "2233", marks: [])
        for retryAt in [now + .seconds(3_600), nil] {
            state.obstacle = Obstacle(reason: "suspended", text: "ask", at: now, retryAt: retryAt)
            #expect(state.toSend(findings, policy: policy, now: now) == [])
            #expect(state.toSend(findings, policy: policy, now: now, isAsked: true) == [.inventory])
        }
        var message = try StateFixture.send(.inventory, from: &state)
        (message.attempts, message.publishedAt) = (9, now)
        #expect(!Backoff.isDue(message, now: now + .seconds(20), poll: .seconds(1)))
        #expect(Backoff.isDue(message, now: now + .seconds(20), poll: .seconds(1), isAsked: true))
        #expect(!Backoff.isDue(message, now: now + .seconds(9), poll: .seconds(1), isAsked: true))
    }

    @Test func `numbers follow the clock, and never go back with it`() throws {
        var chain = Chain()
        let first = chain.extend(try #require(MessageID("message-1")), at: now)
        let second = chain.extend(try #require(MessageID("message-2")), at: now - .seconds(3_600))
        #expect(first.sequence == now.microseconds && first.previous == nil)
        #expect(second.sequence == first.sequence + 1 && second.previous?.text == "message-1")
        #expect(first.previousSequence == nil && second.previousSequence == first.sequence)
        chain.restart(next: second.sequence + 1_000)
        let anew = chain.extend(try #require(MessageID("message-3")), at: now)
        #expect(anew.sequence == second.sequence + 1_000 && anew.previous == nil && anew.previousSequence == nil)
    }

    @Test func `a state reads back as it was written`() throws {
        var state = try StateFixture.registered()
        for kind in [MessageKind.inventory, .freeSpace, .renewal] { try StateFixture.send(kind, from: &state) }
        state.nextKey = HostKey(file: "key-2.pem", fingerprint: try StateFixture.fingerprint(3))
        state.obstacle = Obstacle(reason: "suspended", text: "ask", at: now, retryAt: now + .seconds(5))
        state.padTrouble = PadTrouble(text: "gone", since: now)
        state.intervalSeconds = 30
        state.counters.unverifiable = 7
        state.told.bootTime = now
        state.told.freeSpace = [FreeSpaceMark(mountPoint: "/", sizeBytes: 10, availableBytes: 5)]
        state.registrationRefusal = state.obstacle
        state.outbox[0].customer = state.customer
        var other = state.renewed(with: HostKey(file: "key-3.pem", fingerprint: try StateFixture.fingerprint(4)))
        #expect(other.files.isSuperset(of: ["key-1.pem", "key-2.pem", "key-3.pem"]))
        try StateFixture.send(.registration, from: &other)
        #expect(try RegistrationState(json: JSONFields(JSONValue.parse(other.jsonBytes))) == other)
        #expect(try RegistrationState(json: JSONFields(JSONValue.parse(state.jsonBytes))) == state)
        #expect(!state.jsonText.contains("password"))
    }

    @Test func `status names what is wrong, and what to do`() throws {
        var state = try StateFixture.registered()
        #expect(RegistrationStatus(of: state, now: now).problems.isEmpty)
        #expect(RegistrationStatus(of: state, now: now).word == "registered")
        for (reason, word, refusal) in [
            ("suspended", "suspended", "suspended"), ("not-registered", "refused", "not-registered"), ("limit", "registered", nil),
        ] as [(String, String, String?)] {
            state.obstacle = Obstacle(reason: reason, text: "", at: now, retryAt: nil)
            let status = RegistrationStatus(of: state, now: now)
            #expect(status.word == word && status.refusal == refusal)
        }
        state.obstacle = nil
        try StateFixture.send(.inventory, from: &state)
        state.outbox[0].attempts = 4
        state.padTrouble = PadTrouble(text: "the pad /pad cannot be used: it has no header", since: now)
        state.obstacle = Obstacle(reason: "revoked", text: "this key was replaced", at: now, retryAt: nil)
        let later = now + .seconds(400 * 86_400)
        let status = RegistrationStatus(of: state, now: later)
        #expect(status.word == "refused" && status.refusal == "revoked")
        #expect(status.jsonText.hasPrefix(#"{"state":"refused","reason":"revoked","#), "\(status.jsonText)")
        #expect(
            RegistrationStatus(of: state, now: later).problems.map(\.text) == [
                "since \(now): the pad /pad cannot be used: it has no header",
                "refused at \(now) (revoked): this key was replaced",
                "no answer to the inventory of \(now), published 4 times",
                "the certificate ended at \(now + .seconds(300 * 86_400))",
            ])
        #expect(
            RegistrationStatus(of: state, now: later).problems[1].remedy
                == "if this host is no clone of another, run quartermaster-agent register again: it makes a new key")
    }

    @Test func `the pad is listed once in a process, and what an earlier one left half written goes`() throws {
        try TestHost.with { host in
            try host.register()
            host.listings.value.withLock { $0 = 0 }
            let own = try host.state().key.fingerprint
            let leftOver = "\(host.padDirectory)/in/\(MessageFileName(sender: own, sequence: 1).temporary)"
            try replaceFile(leftOver, with: [0])
            for number in 1...3 {
                host.facts.blockDevices.append(Inventory.BlockDevice(name: "sd\(number)", kind: "disk"))
                try host.report()
            }
            // `register` looked already: what appeared meanwhile is the next process's.
            #expect(host.listings.value.withLock { $0 } == 0)
            #expect(access(leftOver, F_OK) == 0)
            host.startAgain()
            for number in 4...6 {
                host.facts.blockDevices.append(Inventory.BlockDevice(name: "sd\(number)", kind: "disk"))
                try host.report()
            }
            #expect(host.listings.value.withLock { $0 } == 1)
            #expect(access(leftOver, F_OK) != 0)
        }
    }
}
