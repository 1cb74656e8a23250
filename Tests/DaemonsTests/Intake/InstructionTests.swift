import Daemons
import Identifiers
import Messages
import Provider
import Sealing
import Store
import TestSupport
import Testing

/// What hosts are asked to do, from the provider's word to the host's.
@Suite struct InstructionTests {
    private static let root = Actor.provider("test")

    private func withHost(_ body: (ControllerFixture, inout SimulatedHost, HostID) async throws -> Void) async throws {
        try await withHost { fixture, _, host, id in try await body(fixture, &host, id) }
    }

    private func withHost(
        _ body: (ControllerFixture, ControllerFixture.Customer, inout SimulatedHost, HostID) async throws -> Void
    ) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            try await body(fixture, customer, &host, try #require(host.hostID))
        }
    }

    private func state(_ record: InstructionRecord, _ fixture: ControllerFixture) async throws -> InstructionRecord.State? {
        try await fixture.store.read { transaction in try transaction.instruction(record.id)?.state(at: transaction.now) }
    }

    private func send(
        _ action: Instruction.Action, to host: HostID, _ fixture: ControllerFixture, lifetime: Duration = .seconds(3_600)
    ) async throws -> InstructionRecord {
        try await fixture.intake.instruct(host, action, lifetime: lifetime, by: Self.root)
    }

    private func acknowledge(
        _ message: MessageID, _ outcome: Acknowledgement.Outcome, _ host: inout SimulatedHost, _ fixture: ControllerFixture
    ) async throws {
        try host.send(.acknowledgement(Acknowledgement(of: message, outcome: outcome, detail: "as it was")))
        try await fixture.pass()
    }

    @Test func `an instruction waits, is laid on the pad, and ends with the host's word, once`() async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.setInterval(seconds: 30), to: id, fixture)
            #expect(try await state(record, fixture) == .waiting)
            #expect(try host.instructions().isEmpty)
            try await fixture.pass()
            #expect(try await state(record, fixture) == .delivered)
            let laid = try #require(try host.instructions().first)
            #expect(laid.instruction.action == .setInterval(seconds: 30))
            #expect(laid.instruction.expires == record.expiresAt)
            try await acknowledge(laid.envelope.messageID, .done, &host, fixture)
            #expect(try await state(record, fixture) == .done)
            #expect(try host.instructions().isEmpty)
            // A second word changes nothing.
            try await acknowledge(laid.envelope.messageID, .failed, &host, fixture)
            let closed = try #require(try await fixture.store.read { try $0.instruction(record.id) })
            #expect(closed.outcome == "done" && closed.detail == "as it was")
            let events = try await fixture.audit().filter { $0.subject == record.instructionID }
            #expect(events.map(\.action) == ["instruction.send", "instruction.acknowledge"])
            #expect(events.map(\.actor) == ["provider:test", "host:\(id)"])
        }
    }

    @Test(arguments: [
        (Acknowledgement.Outcome.failed, InstructionRecord.State.failed), (.refused, .refused), (.unsupported, .unsupported),
        (.expired, .expired), (.received, .failed),
    ])
    func `what the host says is the state`(outcome: Acknowledgement.Outcome, expected: InstructionRecord.State) async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.rescan, to: id, fixture)
            try await fixture.pass()
            try await acknowledge(try #require(try host.instructions().first).envelope.messageID, outcome, &host, fixture)
            #expect(try await state(record, fixture) == expected)
        }
    }

    @Test func `one that nobody answers expires, and a late word still counts`() async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.rescan, to: id, fixture)
            try await fixture.pass()
            fixture.clock.advance(by: .seconds(3_600))
            #expect(try await state(record, fixture) == .expired)
            let laid = try #require(try host.instructions().first)
            try await acknowledge(laid.envelope.messageID, .done, &host, fixture)
            #expect(try await state(record, fixture) == .done)
        }
    }

    @Test func `one that was kept is laid on the pad after a crash too`() async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.rescan, to: id, fixture)
            try await fixture.restart()
            try await fixture.pass()
            #expect(try await state(record, fixture) == .delivered)
            #expect(try host.instructions().count == 1)
        }
    }

    @Test func `the word for rotated keys comes from the new key`() async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.rotateKeys, to: id, fixture)
            try await fixture.pass()
            let laid = try #require(try host.instructions().first)
            await #expect(throws: InstructionError.keysInRotation(id, instructionID: record.instructionID)) {
                try await send(.rescan, to: id, fixture)
            }
            let newKey = try PrivateKey.generate()
            let message = try host.send(host.renewal(for: newKey))
            try await fixture.pass()
            guard case .accepted(let acceptance)? = try host.outcomes(to: message).first else {
                Issue.record("not accepted")
                return
            }
            host.key = newKey
            host.previous = nil
            try host.accept(acceptance)
            try await acknowledge(laid.envelope.messageID, .done, &host, fixture)
            #expect(try await state(record, fixture) == .done)
            // Nothing else was open: nothing was withdrawn.
            #expect(try await !fixture.audit().contains { $0.action == "instruction.withdraw" })
            _ = try await send(.rescan, to: id, fixture)
            await #expect(throws: InstructionError.self) { try await send(.rotateKeys, to: id, fixture) }
        }
    }

    @Test func `another host's word counts for nothing`() async throws {
        try await withHost { fixture, host, id in
            let record = try await send(.rescan, to: id, fixture)
            try await fixture.pass()
            let laid = try #require(try host.instructions().first)
            let other = try await fixture.customer("other")
            var stranger = try fixture.host(
                on: host.pad, name: "other", machineID: "fedcba9876543210fedcba9876543210", initiators: [])
            stranger.pad = try await fixture.pad()
            _ = try await stranger.register(other, in: fixture)
            try await acknowledge(laid.envelope.messageID, .done, &stranger, fixture)
            #expect(try await state(record, fixture) == .delivered)
        }
    }

    @Test func `what cannot be asked is refused with the reason`() async throws {
        try await withHost { fixture, host, id in
            let nobody = HostID.random()
            await #expect(throws: HostActionError.noSuchHost(nobody)) { try await send(.rescan, to: nobody, fixture) }
            for lifetime in [Duration.seconds(59), .seconds(31 * 86_400)] {
                await #expect(throws: InstructionError.lifetime) { try await send(.rescan, to: id, fixture, lifetime: lifetime) }
            }
            for _ in 0..<InstructionRecord.maximumOpen { _ = try await send(.rescan, to: id, fixture) }
            await #expect(throws: InstructionError.tooMany(id, limit: InstructionRecord.maximumOpen)) {
                try await send(.rescan, to: id, fixture)
            }
            try await fixture.store.write { try $0.suspendHost(id) }
            await #expect(throws: InstructionError.notRegistered(id, state: .suspended)) { try await send(.rescan, to: id, fixture) }
        }
    }

    /// What ends the key that an instruction is sealed for, and the word for it.
    enum End: String, CaseIterable, CustomTestStringConvertible {
        case hostRemoved = "the host was removed"
        case farewell = "the host unregistered"
        case padRemoved = "was removed"
        case padRemovedWhileSuspended = "the pad"
        var testDescription: String { rawValue }
    }

    @Test(arguments: End.allCases)
    func `an open instruction ends with the key that it was sealed for, and says why`(end: End) async throws {
        try await withHost { fixture, _, host, id in
            let expired = try await send(.rescan, to: id, fixture, lifetime: .seconds(60))
            fixture.clock.advance(by: .seconds(60))
            let record = try await send(.rotateKeys, to: id, fixture)
            try await fixture.pass()
            for reply in try host.replies() {
                try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
            }
            try await fixture.pass()
            let key = host.key.fingerprint
            let pad = host.pad
            switch end {
            case .hostRemoved: _ = try await fixture.store.write { try $0.removeHost(id, by: Self.root) }
            case .farewell: #expect(try await host.exchange(.farewell(Farewell(reason: nil)), in: fixture)?.word == "received")
            case .padRemoved: _ = try await fixture.store.write { try $0.retirePad(pad.id, by: Self.root) }
            case .padRemovedWhileSuspended:
                try await fixture.store.write {
                    try $0.suspendHost(id)
                    _ = try $0.retirePad(pad.id, by: Self.root)
                }
            }
            #expect(try await state(record, fixture) == .withdrawn)
            #expect(try await state(expired, fixture) == .expired)
            let closed = try #require(try await fixture.store.read { try $0.instruction(record.id) })
            #expect(closed.detail?.contains(end.rawValue) == true, "\(closed.detail ?? "-")")
            let events = try await fixture.audit().filter { $0.subject == record.instructionID }
            #expect(events.map(\.action) == ["instruction.send", "instruction.withdraw"])
            #expect(try await fixture.store.read { try $0.openInstructions(of: id) }.isEmpty)
            guard end == .hostRemoved else { return }
            // Its file goes with the folder of that key: nobody reads there any more.
            try await fixture.intake.keepHouse()
            #expect(try pad.medium.stamp(.replies(key)) == nil)
        }
    }
}
