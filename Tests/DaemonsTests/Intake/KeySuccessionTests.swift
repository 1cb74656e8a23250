import Daemons
import Messages
import Provider
import Sealing
import Store
import TestSupport
import Testing

/// A host gets another key while something waits for the one that it had.
@Suite struct KeySuccessionTests {
    private struct NotAccepted: Error { let outcome: String }
    private struct Crash: Error {}

    /// A host with an instruction on its pad; the record, and the envelope that the host has read.
    private func withInstruction(
        _ action: Instruction.Action,
        _ body: (ControllerFixture, ControllerFixture.Customer, inout SimulatedHost, InstructionRecord, Envelope) async throws -> Void
    ) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            let record = try await fixture.intake.instruct(
                try #require(host.hostID), action, lifetime: .seconds(3_600), by: .provider("test"))
            try await fixture.pass()
            let laid = try #require(try host.instructions().first)
            try await body(fixture, customer, &host, record, laid.envelope)
        }
    }

    private func state(_ record: InstructionRecord, _ fixture: ControllerFixture) async throws -> InstructionRecord.State? {
        try await fixture.store.read { transaction in try transaction.instruction(record.id)?.state(at: transaction.now) }
    }

    private func alarms(_ fixture: ControllerFixture) async throws -> [String] {
        try await fixture.audit().filter { $0.outcome != .done }.map(\.action)
    }

    /// The controller certifies a new key; the host has not used it yet.
    private func renew(_ host: inout SimulatedHost, in fixture: ControllerFixture) async throws -> (key: PrivateKey, acceptance: Acceptance)
    {
        let key = try PrivateKey.generate()
        let message = try host.send(host.renewal(for: key))
        try await fixture.pass()
        let outcome = try #require(try host.outcomes(to: message).first)
        guard case .accepted(let acceptance) = outcome else { throw NotAccepted(outcome: outcome.word) }
        return (key, acceptance)
    }

    @Test func `a word by the old key that is read after the first of the new one is late, and no clone's`() async throws {
        try await withInstruction(.rotateKeys) { fixture, _, host, record, envelope in
            let (key, acceptance) = try await renew(&host, in: fixture)
            let old = host
            let word = try old.sealed(try host.message(.acknowledgement(Acknowledgement(of: envelope.messageID, outcome: .done))))
            let number = try #require(host.last)
            (host.key, host.previous) = (key, nil)
            try host.accept(acceptance)
            _ = try await host.exchange(host.report, in: fixture)
            try old.publish(word, sequence: number)
            try await fixture.pass()
            #expect(try await alarms(fixture).isEmpty)
            #expect(try host.pad.medium.names(in: .incoming, limit: 10).isEmpty)
            // The host is asked by its new key, under the same ID, and says once more what came of it.
            let again = try #require(try host.instructions().first)
            #expect(again.envelope.messageID == envelope.messageID && again.envelope.sequence > envelope.sequence)
            #expect(again.instruction.action == .rotateKeys)
            try host.send(.acknowledgement(Acknowledgement(of: envelope.messageID, outcome: .done)))
            try await fixture.pass()
            #expect(try await state(record, fixture) == .done)
            #expect(try host.instructions().isEmpty)
        }
    }

    @Test func `an old state that speaks with the key of before is still told from a late word`() async throws {
        try await withInstruction(.rescan) { fixture, _, host, _, envelope in
            var clone = host
            let (key, acceptance) = try await renew(&host, in: fixture)
            (host.key, host.previous) = (key, nil)
            try host.accept(acceptance)
            _ = try await host.exchange(host.report, in: fixture)
            fixture.clock.advance(by: .seconds(5))
            try clone.send(.acknowledgement(Acknowledgement(of: envelope.messageID, outcome: .done)))
            try await fixture.pass()
            #expect(try await alarms(fixture).contains("host.clone"))
        }
    }

    @Test func `answers to the old key go with it`() async throws {
        try await withInstruction(.rescan) { fixture, _, host, _, _ in
            let old = host.key.fingerprint
            let (key, acceptance) = try await renew(&host, in: fixture)
            // The acceptances of the registration and of the renewal, and the instruction.
            #expect(try host.pad.medium.names(in: .replies(old), limit: 10).count == 3)
            (host.key, host.previous) = (key, nil)
            try host.accept(acceptance)
            _ = try await host.exchange(host.report, in: fixture)
            #expect(try host.pad.medium.names(in: .replies(old), limit: 10).isEmpty)
            let waiting = try await fixture.store.read { [pad = host.pad.record.id] in try $0.pendingReplies(on: pad) }
            #expect(waiting.allSatisfy { $0.fingerprint == key.fingerprint })
        }
    }

    @Test func `a host that lost its state is asked again by the key that it registers with`() async throws {
        try await withInstruction(.rescan) { fixture, customer, host, record, envelope in
            try await fixture.store.write { [id = try #require(host.hostID)] in try $0.releaseHost(id) }
            try host.loseState()
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            #expect(try await state(record, fixture) == .delivered)
            let again = try #require(try host.instructions().first)
            #expect(again.envelope.messageID == envelope.messageID)
            try host.send(.acknowledgement(Acknowledgement(of: again.envelope.messageID, outcome: .done)))
            try await fixture.pass()
            #expect(try await state(record, fixture) == .done)
        }
    }

    @Test func `a crash between the new key's first word and the pad loses no instruction`() async throws {
        try await withInstruction(.rescan) { fixture, _, host, record, envelope in
            let (key, acceptance) = try await renew(&host, in: fixture)
            (host.key, host.previous) = (key, nil)
            try host.accept(acceptance)
            try host.send(host.report)
            try await fixture.restart { step, _ in if step == .delivering { throw Crash() } }
            await #expect(throws: Crash.self) { try await fixture.pass() }
            host.pad.storage.restart(0)
            try await fixture.restart()
            try await fixture.pass()
            #expect(try host.instructions().map(\.envelope.messageID) == [envelope.messageID])
            #expect(try await state(record, fixture) == .delivered)
        }
    }
}
