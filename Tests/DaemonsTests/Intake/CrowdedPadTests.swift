import Daemons
import Identifiers
import Messages
import Provider
import ScratchPad
import Sealing
import Store
import TestSupport
import Testing

/// Pads to which somebody writes more than hosts do, and what is left of those who went.
@Suite struct CrowdedPadTests {
    private func stranger(_ number: Int, _ fixture: ControllerFixture, _ pad: ControllerFixture.TestPad) throws -> SimulatedHost {
        let digits = String(number + 1)
        let machine = String(repeating: "0", count: 32 - digits.count) + digits
        return try fixture.host(on: pad, name: "new\(number)", machineID: machine, initiators: ["iqn.2026-11.com.example:new\(number)"])
    }

    @Test func strangersBeyondThePadsShareAreLeftUnansweredAndHostsAreHeard() async throws {
        var configuration = IntakeConfiguration()
        configuration.strangersPerPad = 5
        configuration.strangerAuditsPerPad = 3
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            func wrong(_ numbers: Range<Int>) throws {
                for number in numbers {
                    var guest = try stranger(number, fixture, pad)
                    try guest.send(guest.registration(customer, password: "wrong"))
                }
            }
            try wrong(0..<8)
            let first = try await fixture.pass().words
            #expect(first["limited"] == 3)
            #expect(first["refused"] == 5)
            let message = try host.send(host.report)
            try wrong(8..<12)
            #expect(try await fixture.pass().words["limited"] == 4)
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
            #expect(try await fixture.notifications().count { $0.notification.kind == .padFlooded } == 1)
            #expect(try await fixture.audit().count { $0.action == "host.register" && $0.outcome == .refused } == 3)
            try await fixture.intake.keepHouse()
            let sum = try #require(try await fixture.audit().last { $0.action == "pad.strangers" })
            #expect(sum.detail.hasPrefix("refused=2 unanswered=7 since="))
            fixture.clock.advance(by: .seconds(3_600))
            try wrong(12..<13)
            #expect(try await fixture.pass().words["refused"] == 1)
        }
    }

    @Test func newHostsThatAreAcceptedCostThePadNothing() async throws {
        var configuration = IntakeConfiguration()
        configuration.strangersPerPad = 2
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            for number in 0..<6 {
                var guest = try stranger(number, fixture, pad)
                let message = try guest.send(guest.registration(customer))
                try await fixture.pass()
                #expect(try guest.outcomes(to: message).map(\.word) == ["accepted"])
            }
        }
    }

    @Test func aFloodIsSaidOnceAndNamesTheHostThatSuffers() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            for _ in 0..<2 {
                for number in 0..<300 { try host.publish([UInt8(number & 0xFF)], sequence: Int64(number + 1)) }
                try await fixture.pass()
            }
            #expect(try #require(fixture.intake.crowding(of: pad.id)).contains("files of the lane"))
            // Said by a task of its own.
            var said: [StoredNotification] = []
            let deadline = ContinuousClock.now + .seconds(120)
            while said.count < 2, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                said = try await fixture.notifications().filter { $0.notification.kind == .padFlooded }
            }
            #expect(said.count == 2)
            #expect(said.contains { $0.notification.accountID == customer.accountID && $0.notification.text.contains("web1") })
            fixture.clock.advance(by: .seconds(1_000))
            for _ in 0..<6 { try await fixture.pass() }
            fixture.clock.advance(by: .seconds(1_000))
            try await fixture.pass()
            #expect(fixture.intake.crowding(of: pad.id) == nil)
        }
    }

    @Test func theFolderOfARemovedHostGoesOnceItsAnswersAreReadOrExpired() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            try host.send(host.report)
            try await fixture.pass()
            let key = host.key.fingerprint
            func isThere() throws -> Bool { try pad.medium.stamp(.replies(key)) != nil }
            try await fixture.intake.keepHouse()
            #expect(try isThere())
            let id = try #require(try await fixture.hosts().first).hostID
            _ = try await fixture.store.write { try $0.removeHost(id, by: .provider("test")) }
            // An answer still waits for its reader.
            try await fixture.intake.keepHouse()
            #expect(try isThere())
            fixture.clock.advance(by: .seconds(10 * 86_400))
            try await fixture.pass()
            try await fixture.intake.keepHouse()
            #expect(try !isThere())
        }
    }

    @Test func aFloodUnderEverNewNamesIsNoticedAndKeepsNoHostOut() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad()
            for number in 0..<600 {
                let name = MessageFileName(sender: try PrivateKey.generate().fingerprint, sequence: Int64(number + 1)).name
                try pad.medium.write([UInt8(number & 0xFF), 1, 2, 3], as: name, in: .incoming, durably: false)
            }
            var host = try fixture.host(on: pad)
            let message = try host.send(host.registration(customer))
            var passes = 0
            while try host.outcomes(to: message).isEmpty, passes < 10 {
                try await fixture.pass()
                passes += 1
            }
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
            while try !pad.medium.names(in: .incoming, limit: 10).isEmpty, passes < 20 {
                try await fixture.pass()
                passes += 1
            }
            let crowding = try #require(fixture.intake.crowding(of: pad.id))
            #expect(crowding.contains("600 files within 600 s that are no messages"), "\(crowding)")
            var said: [StoredNotification] = []
            let deadline = ContinuousClock.now + .seconds(120)
            while said.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                said = try await fixture.notifications().filter { $0.notification.kind == .padFlooded }
            }
            #expect(said.map(\.notification.subject) == [pad.id.text])
            #expect(try await fixture.audit().count { $0.action == "pad.flooded" } == 1)
            // It is over when nothing came for a while.
            fixture.clock.advance(by: .seconds(1_000))
            try await fixture.pass()
            #expect(fixture.intake.crowding(of: pad.id) == nil)
        }
    }
}
