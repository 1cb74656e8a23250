import Files
import Glibc
import HostFacts
import Identifiers
import Inventory
import Messages
import Testing

@testable import AgentCore

/// A link that goes down sends no event: it is looked for every few seconds, where there are links, and told as an event is.
@Suite struct LinkWatchTests {
    /// A host with an FC port, whose facts say what the port's file says.
    private struct Port {
        let host: TestHost
        var file: String { "\(host.directory)/root/sys/class/fc_host/host1/port_state" }

        init(_ host: TestHost) throws {
            self.host = host
            try makeDirectories("\(host.directory)/root/sys/class/fc_host/host1", mode: 0o755)
            try set("Online")
        }

        func set(_ state: String) throws {
            try replaceFile(file, with: Array("\(state)\n".utf8))
            var initiator = Inventory.Initiator(transport: .fc, name: "host1")
            initiator.portState = state
            host.facts.initiators = [initiator]
        }
    }

    private func rounds(_ host: TestHost, activity: DeviceActivity? = nil, interval: Duration = .seconds(3_600)) throws -> Rounds {
        var configuration = AgentConfiguration()
        configuration.interval = interval
        configuration.freeSpaceInterval = .seconds(7 * 86_400)
        try makeDirectories("\(host.directory)/root")
        var rounds = Rounds(
            stateDirectory: host.stateDirectory, configuration: configuration, context: host.context, activity: activity,
            links: LinkWatch(root: "\(host.directory)/root", clock: host.clock.hostClock))
        try rounds.begin()
        try live(&rounds, host, .seconds(60))
        return rounds
    }

    private let quiet = DeviceActivity(takeEvents: { 0 }, isPending: { false })

    @Test(arguments: [true, false])
    func `a link that goes down is told within seconds, once, with udev and without`(hasEvents: Bool) throws {
        try TestHost.with { host in
            let port = try Port(host)
            try host.register()
            var rounds = try rounds(host, activity: hasEvents ? quiet : nil)
            let before = host.controller.messages(.inventory).count
            try port.set("Linkdown")
            try live(&rounds, host, .seconds(8))
            #expect(host.controller.messages(.inventory).count == before + 1)
            try live(&rounds, host, .seconds(300))
            #expect(host.controller.messages(.inventory).count == before + 1 && rounds.deviceEvents == 1)
            #expect(try host.state().told.inventory == host.facts.digest.description)
        }
    }

    @Test func `a link that goes up and down for ever is told once in the limit`() throws {
        try TestHost.with { host in
            let port = try Port(host)
            try host.register()
            var rounds = try rounds(host, activity: quiet)
            let before = host.controller.messages(.inventory).count
            for second in 0..<300 {
                try port.set("State \(second % 11)")
                try live(&rounds, host, .seconds(1))
            }
            #expect((2...11).contains(host.controller.messages(.inventory).count - before))
        }
    }

    @Test func `what the interval finds first is no event besides`() throws {
        try TestHost.with { host in
            let port = try Port(host)
            try host.register()
            var rounds = try rounds(host, activity: quiet, interval: .seconds(31))
            // The look falls a moment after the comparison.
            host.clock.advance(max(.zero, rounds.next - host.clock.uptime))
            let before = host.controller.messages(.inventory).count
            try port.set("Linkdown")
            rounds.work()
            #expect(host.controller.messages(.inventory).count == before)
            try live(&rounds, host, .seconds(20))
            #expect(host.controller.messages(.inventory).count == before + 1 && rounds.deviceEvents == 0)
        }
    }

    @Test func `a host without links is not woken to look at them, until an event brings one`() throws {
        try TestHost.with { host in
            try host.register()
            let events = Box(0)
            let activity = DeviceActivity(
                takeEvents: {
                    events.value.withLock { count in
                        defer { count = 0 }
                        return count
                    }
                }, isPending: { false })
            var rounds = try rounds(host, activity: activity)
            #expect(rounds.nextLook == nil)
            #expect(try live(&rounds, host, .seconds(600)) == 0)
            let port = try Port(host)
            events.value.withLock { $0 = 1 }
            rounds.takeDeviceEvents()
            #expect(rounds.nextLook == host.clock.uptime + .seconds(1))
            try live(&rounds, host, .seconds(10))
            #expect(try live(&rounds, host, .seconds(60)) == 12)
            let before = host.controller.messages(.inventory).count
            try port.set("Linkdown")
            try live(&rounds, host, .seconds(8))
            #expect(host.controller.messages(.inventory).count == before + 1)
        }
    }

    @Test func `looking takes a five-hundredth of the time at most`() throws {
        try TestHost.with { host in
            _ = try Port(host)
            let tree = try Tree(sysroot: "\(host.directory)/root")
            let clock = host.clock
            let took = Box(Duration.milliseconds(40))
            var watch = LinkWatch(clock: clock.hostClock) { isOver in
                clock.advance(took.value.withLock { $0 })
                return TransportStates.read(tree, isOver: isOver)
            }
            #expect(!watch.look() && watch.next == clock.uptime + .seconds(20))
            // One that took too long is compared with nothing, and the next is far off.
            took.value.withLock { $0 = .seconds(1) }
            #expect(!watch.look() && watch.next == clock.uptime + .seconds(500))
        }
    }

    @Test func `the daemon tells of a link that went down long before its interval is over`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            try fixture.write("sys/class/fc_host/host1/port_name", "0x10000000c9a1b2c3\n")
            try fixture.write("sys/class/fc_host/host1/port_state", "Online\n")
            try fixture.configure("[agent]\nlog-level = debug\n[reporting]\ninterval = 1h\n")
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let state = fixture.host.stateDirectory
            #expect(try daemon.wait(controller: controller) { try state.daemonReport() != nil && fixture.host.state().outbox.isEmpty })
            func told() -> Int { controller.messages(.inventory).count }
            let before = told()
            for (number, portState) in ["Linkdown", "Online"].enumerated() {
                try fixture.write("sys/class/fc_host/host1/port_state", "\(portState)\n")
                #expect(try daemon.wait(controller: controller) { told() > before + number }, "\(daemon.messages)")
            }
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: controller).status == 0)
            #expect(told() == before + 2)
        }
    }
}
