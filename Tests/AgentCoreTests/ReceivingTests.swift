import Identifiers
import Messages
import StrictJSON
import Testing

@testable import AgentCore

@Suite struct ReceivingTests {
    private let now = StateFixture.now

    private func reply(to message: OutgoingMessage, _ outcome: Reply.Outcome) -> MessageBody {
        .reply(Reply(inReplyTo: message.messageID, outcome: outcome))
    }

    @Test func `an acceptance makes a registration, and what it told need not be told again`() throws {
        var state = try StateFixture.registering()
        let sent = try StateFixture.send(.registration, from: &state)
        let answer = try StateFixture.message(reply(to: sent, .accepted(StateFixture.acceptance())), to: state)
        let certified = CertifiedKey(fingerprint: state.key.fingerprint, notAfter: now + .seconds(1_000))
        guard case .handled(let entry) = state.receive(answer, certified: certified, now: now) else {
            Issue.record("the acceptance was not handled")
            return
        }
        #expect(entry.outcome == .received)
        #expect(state.phase == .registered)
        #expect(state.membership?.hostID.text == "host-7")
        #expect(state.membership?.notes == ["no volume is masked to this host"])
        #expect(state.told.inventory == "2233")
        #expect(state.outbox.isEmpty)
        #expect(state.counters.answered == 1)
        #expect(state.receive(answer, certified: certified, now: now) == .again(entry))
    }

    @Test func `an acceptance whose certificate is for another key, or for none that holds, is not believed`() throws {
        var state = try StateFixture.registering()
        let sent = try StateFixture.send(.registration, from: &state)
        let before = state
        let answer = try StateFixture.message(reply(to: sent, .accepted(StateFixture.acceptance())), to: state)
        for certified in [nil, CertifiedKey(fingerprint: try StateFixture.fingerprint(7), notAfter: now)] {
            let reception = state.receive(answer, certified: certified, now: now)
            #expect(reception == .ignored(reason: "its certificate is not one for the key that was asked for"))
        }
        #expect(state.counters.stale == 2)
        state.counters = before.counters
        #expect(state == before)
    }

    @Test func `what is not for this registration is ignored and counted`() throws {
        var state = try StateFixture.registered()
        let sent = try StateFixture.send(.inventory, from: &state)
        let good = try StateFixture.message(reply(to: sent, .received), to: state)
        var messages: [(Message, String)] = []
        func add(_ reason: String, _ change: (inout Message) throws -> Void) rethrows {
            var message = good
            try change(&message)
            messages.append((message, reason))
        }
        try add("it is for the pad pad-2") { $0.envelope.padID = try #require(PadID("pad-2")) }
        try add("it is for another host key") { $0.envelope.recipient = try StateFixture.fingerprint(9) }
        try add("its sender is not the pinned controller") { $0.envelope.sender = try StateFixture.fingerprint(9) }
        add("it is from before the controller was restored") {
            $0.envelope.epoch = 1
            $0.body = .instruction(Instruction(action: .rescan))
        }
        try add("it answers a message that this host does not wait on") {
            let refusal = Refusal(reason: .suspended, text: "ask the provider")
            $0.body = .reply(Reply(inReplyTo: try #require(MessageID("message-other")), outcome: .refused(refusal)))
        }
        add("it accepts what was no request") { message in
            guard let acceptance = try? StateFixture.acceptance() else { return }
            message.body = .reply(Reply(inReplyTo: sent.messageID, outcome: .accepted(acceptance)))
        }
        add("a controller does not send farewell") { $0.body = .farewell(Farewell()) }
        for (index, (message, reason)) in messages.enumerated() {
            #expect(state.receive(message, certified: nil, now: now) == .ignored(reason: reason))
            #expect(state.counters.stale == Int64(index + 1))
        }
        #expect(state.outbox.count == 1)
    }

    @Test(arguments: [
        (RefusalReason.suspended, nil as Int64?, 3_600 as Int64?), (.limit, 30, 30), (.notRegistered, nil, nil), (.revoked, 30, nil),
        (RefusalReason(rawValue: "new-reason"), nil, 3_600),
    ])
    func `a refused report stops further ones until its time, or for good`(reason: RefusalReason, retryAfter: Int64?, pause: Int64?) throws
    {
        var state = try StateFixture.registered()
        let sent = try StateFixture.send(.inventory, from: &state)
        let refusal = Refusal(reason: reason, text: "because", retryAfterSeconds: retryAfter)
        _ = state.receive(try StateFixture.message(reply(to: sent, .refused(refusal)), to: state), certified: nil, now: now)
        #expect(state.obstacle == Obstacle(reason: reason.rawValue, text: "because", at: now, retryAt: pause.map { now + .seconds($0) }))
        #expect(state.phase == .registered)
        let findings = RegistrationState.Findings(inventory: "4455", marks: [])
        let policy = FreeSpacePolicy(interval: .seconds(900), threshold: 1)
        #expect(state.toSend(findings, policy: policy, now: now) == [])
        if let pause { #expect(state.toSend(findings, policy: policy, now: now + .seconds(pause)).contains(.inventory)) }
        // What is taken in again ends it.
        let next = try StateFixture.send(.freeSpace, from: &state)
        let answer = try StateFixture.message(reply(to: next, .received), to: state, id: "message-c2", sequence: 101)
        _ = state.receive(answer, certified: nil, now: now)
        #expect(state.obstacle == nil)
        #expect(state.told.freeSpace == next.freeSpace)
    }

    @Test func `a refused registration is over, and says why`() throws {
        var state = try StateFixture.registering()
        let sent = try StateFixture.send(.registration, from: &state)
        let refusal = Refusal(reason: .badCredentials, text: "account, domain, user or password is wrong")
        _ = state.receive(try StateFixture.message(reply(to: sent, .refused(refusal)), to: state), certified: nil, now: now)
        #expect(state.phase == .refused)
        #expect(state.outbox.isEmpty)
        #expect(state.obstacle?.reason == "bad-credentials")
    }

    @Test func `a resync begins the numbering anew and has everything sent again`() throws {
        var state = try StateFixture.registered()
        try StateFixture.send(.freeSpace, from: &state)
        let sent = try StateFixture.send(.inventory, from: &state)
        let next = sent.sequence + 1_000
        var answer = try StateFixture.message(reply(to: sent, .resync(epoch: 5, nextSequence: next)), to: state)
        answer.envelope.epoch = 5
        _ = state.receive(answer, certified: nil, now: now)
        #expect(state.pad.epoch == 5)
        #expect(state.outbox.isEmpty)
        #expect(state.told.inventory == nil)
        #expect(state.chain.previous == nil)
        let number = state.chain.extend(try #require(MessageID("message-after")), at: now)
        #expect(number.sequence == next && number.previous == nil)
        let wanted = state.toSend(
            .init(inventory: "0011", marks: []), policy: FreeSpacePolicy(interval: .seconds(900), threshold: 1), now: now)
        #expect(wanted == [.inventory, .freeSpace])
    }

    @Test func `an old resync changes nothing`() throws {
        var state = try StateFixture.registered()
        let sent = try StateFixture.send(.inventory, from: &state)
        let answer = try StateFixture.message(reply(to: sent, .resync(epoch: 1, nextSequence: nil)), to: state)
        #expect(state.receive(answer, certified: nil, now: now) == .ignored(reason: "it names an epoch that is over"))
        #expect(state.pad.epoch == 2 && state.told.inventory == "0011")
    }

    @Test func `a reply that nothing waits on changes nothing, and is acknowledged so that it is kept no longer`() throws {
        var state = try StateFixture.registered()
        try StateFixture.send(.inventory, from: &state)
        let other = try #require(MessageID("message-other"))
        let wrongPad = Refusal(reason: .wrongPad, text: "a copy was found on another pad")
        let outcomes: [(Reply.Outcome, Int64)] = [
            (.received, 2), (.resync(epoch: 9, nextSequence: 5), 2), (.refused(wrongPad), 2), (.received, 1),
        ]
        for (index, (outcome, epoch)) in outcomes.enumerated() {
            let before = state
            var message = try StateFixture.message(
                .reply(Reply(inReplyTo: other, outcome: outcome)), to: state, id: "message-c\(index)", sequence: 100 + Int64(index))
            message.envelope.epoch = epoch
            guard case .handled(let entry) = state.receive(message, certified: nil, now: now) else {
                Issue.record("\(outcome) is not acknowledged")
                continue
            }
            #expect(entry.outcome == .received)
            #expect(state.counters.stale == before.counters.stale + 1)
            (state.counters, state.handled) = (before.counters, before.handled)
            #expect(state == before)
            state.counters.stale += 1
            state.handled.record(entry)
        }
    }

    @Test func `a reply that is behind all that was handled is acknowledged, too`() throws {
        var state = try StateFixture.registered()
        state.handled = HandledMessages(entries: [], floor: 500)
        let late = try StateFixture.message(
            .reply(Reply(inReplyTo: try #require(MessageID("message-other")), outcome: .received)), to: state, sequence: 400)
        guard case .again(let entry) = state.receive(late, certified: nil, now: now) else {
            Issue.record("it is not acknowledged")
            return
        }
        #expect(entry.messageID == late.envelope.messageID && entry.acknowledgedAt == nil)
    }

    @Test(arguments: [Int64.max, -5])
    func `a pause that no controller means is held to a month`(seconds: Int64) throws {
        var state = try StateFixture.registered()
        let sent = try StateFixture.send(.inventory, from: &state)
        let refusal = Refusal(reason: .limit, text: "later", retryAfterSeconds: seconds)
        _ = state.receive(try StateFixture.message(reply(to: sent, .refused(refusal)), to: state), certified: nil, now: now)
        #expect(state.obstacle?.retryAt == now + .seconds(seconds > 0 ? 30 * 86_400 : 0))
        #expect(try RegistrationState(json: JSONFields(JSONValue.parse(state.jsonBytes))) == state)
    }

    @Test func `a resync to a number that nothing can follow is not followed`() throws {
        var chain = Chain(last: 5, previous: MessageID("message-1"))
        chain.restart(next: .max)
        let number = chain.extend(try #require(MessageID("message-2")), at: now)
        #expect(number.sequence == now.microseconds && number.previous == nil)
    }

    // MARK: Instructions

    @Test func `an instruction is carried out once, however often it comes`() throws {
        var state = try StateFixture.registered()
        let message = try StateFixture.message(.instruction(Instruction(action: .setInterval(seconds: 30))), to: state)
        guard case .handled(let entry) = state.receive(message, certified: nil, now: now) else {
            Issue.record("the instruction was not handled")
            return
        }
        #expect(entry.outcome == .done && entry.instruction == "set-interval")
        #expect(state.intervalSeconds == 30)
        state.intervalSeconds = 40
        #expect(state.receive(message, certified: nil, now: now) == .again(entry))
        #expect(state.intervalSeconds == 40)
    }

    @Test func `an instruction after its end, or one that is not known, is acknowledged as such`() throws {
        var state = try StateFixture.registered()
        let late = Instruction(action: .setInterval(seconds: 30), expires: now - .seconds(1))
        guard case .handled(let entry) = state.receive(try StateFixture.message(.instruction(late), to: state), certified: nil, now: now)
        else {
            Issue.record("the late instruction was not handled")
            return
        }
        #expect(entry.outcome == .expired && state.intervalSeconds == nil)
        let strange = try StateFixture.message(
            .instruction(Instruction(action: .unknown("dance"))), to: state, id: "message-c2", sequence: 101)
        guard case .handled(let second) = state.receive(strange, certified: nil, now: now) else {
            Issue.record("the unknown instruction was not handled")
            return
        }
        #expect(second.outcome == .unsupported && second.detail == "this agent does not carry out dance")
    }

    @Test func `an instruction that a crash interrupted is carried out again`() throws {
        var state = try StateFixture.registered()
        let message = try StateFixture.message(.instruction(Instruction(action: .rescan)), to: state)
        guard case .perform(.scanBuses, let entry) = state.receive(message, certified: nil, now: now) else {
            Issue.record("the rescan was not begun")
            return
        }
        #expect(state.told.inventory == nil)
        var reread = try RegistrationState(json: JSONFields(JSONValue.parse(state.jsonBytes)))
        #expect(reread == state)
        #expect(reread.receive(message, certified: nil, now: now) == .perform(.scanBuses, entry))
    }

    @Test func `an interrupted instruction fails where the controller was restored meanwhile, and not otherwise`() throws {
        var state = try StateFixture.registered()
        let message = try StateFixture.message(.instruction(Instruction(action: .rescan)), to: state)
        _ = state.receive(message, certified: nil, now: now)
        state.enter(epoch: state.pad.epoch, next: nil)
        #expect(state.handled.entries.map(\.outcome) == [nil])
        state.enter(epoch: state.pad.epoch + 1, next: nil)
        let entry = try #require(state.handled.entries.first)
        #expect(entry.outcome == .failed && entry.acknowledgedAt == nil && entry.detail?.contains("order it again") == true)
        guard case .ignored = state.receive(message, certified: nil, now: now) else {
            Issue.record("an instruction from before the restore was taken")
            return
        }
    }

    @Test func `an interrupted instruction that does not come again is given up after an hour`() throws {
        var state = try StateFixture.registered()
        _ = state.receive(try StateFixture.message(.instruction(Instruction(action: .rescan)), to: state), certified: nil, now: now)
        state.giveUpInterrupted(now: now + .seconds(3_600))
        #expect(state.handled.entries.map(\.outcome) == [nil])
        state.giveUpInterrupted(now: now + .seconds(4_000))
        #expect(state.handled.entries.map(\.outcome) == [.failed])
    }

    @Test func `keys rotate with a renewal, and the instruction ends with it`() throws {
        var state = try StateFixture.registered()
        let instruction = try StateFixture.message(.instruction(Instruction(action: .rotateKeys)), to: state)
        guard case .perform(.rotateKeys, _) = state.receive(instruction, certified: nil, now: now) else {
            Issue.record("the rotation was not begun")
            return
        }
        state.nextKey = HostKey(file: "key-2.pem", fingerprint: try StateFixture.fingerprint(3))
        #expect(state.toSend(nil, policy: FreeSpacePolicy(interval: .seconds(900), threshold: 1), now: now) == [.renewal])
        let sent = try StateFixture.send(.renewal, from: &state)
        let answer = try StateFixture.message(
            reply(to: sent, .accepted(StateFixture.acceptance())), to: state, id: "message-c2", sequence: 101)
        _ = state.receive(answer, certified: CertifiedKey(fingerprint: try StateFixture.fingerprint(3), notAfter: now), now: now)
        #expect(state.key.file == "key-2.pem" && state.nextKey == nil)
        #expect(state.handled.entries.first { $0.instruction == "rotate-keys" }?.outcome == .done)
        #expect(state.membership?.registeredAt == now - .seconds(86_400))
    }

    @Test func `only so many messages are remembered singly, and older ones are too old`() throws {
        var state = try StateFixture.registered()
        for number in 1...Int64(HandledMessages.capacity + 10) {
            let message = try StateFixture.message(
                .instruction(Instruction(action: .setInterval(seconds: number))), to: state, id: "message-\(number)", sequence: number)
            guard case .handled(var entry) = state.receive(message, certified: nil, now: now) else { continue }
            entry.acknowledgedAt = now
            state.handled.record(entry)
        }
        #expect(state.handled.entries.count == HandledMessages.capacity)
        let first = try StateFixture.message(
            .instruction(Instruction(action: .setInterval(seconds: 1))), to: state, id: "message-1", sequence: 1)
        #expect(state.receive(first, certified: nil, now: now) == .ignored(reason: "it is older than what was handled"))
    }
}
