import Daemons
import Identifiers
import Messages
import Store
import TestSupport
import Testing

/// The daemon itself: it polls without being asked.
@Suite struct IntakeServiceTests {
    @Test func aMessageIsAnsweredWithinSomeIntervals() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pads = try await [
                fixture.pad(of: customer, interval: .milliseconds(100)), fixture.pad(of: customer, interval: .milliseconds(100)),
            ]
            let running = Task { try await fixture.intake.run() }
            var waiting: [(SimulatedHost, Message)] = []
            for number in 0..<6 {
                var host = try fixture.host(
                    on: pads[number % 2], name: "host\(number)", machineID: "machine\(number)", initiators: [])
                waiting.append((host, try host.send(host.registration(customer))))
            }
            let deadline = ContinuousClock.now + .seconds(300)
            while try waiting.contains(where: { try $0.outcomes(to: $1).isEmpty }), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            for (host, message) in waiting { #expect(try host.outcomes(to: message).map(\.word) == ["accepted"]) }
            // A pad that is added while it runs is polled too; one that is removed no more.
            let late = try await fixture.pad(of: customer, interval: .milliseconds(100))
            var host = try fixture.host(on: late, name: "late", machineID: "late", initiators: [])
            let message = try host.send(host.registration(customer))
            while try host.outcomes(to: message).isEmpty, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
            await fixture.intake.removePad(late.id)
            #expect(!fixture.intake.padIDs.contains(late.id))
            running.cancel()
            _ = await running.result
        }
    }
}
