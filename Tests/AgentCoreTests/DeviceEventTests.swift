import Identifiers
import Inventory
import Messages
import Testing

@testable import AgentCore

/// A change of devices takes time: the kernel tells of one after the other, udev's rules run for each, and states pass through others. It is told once.
@Suite struct DeviceEventTests {
    /// What the kernel and udev of a test host do.
    private struct Devices: Sendable {
        let events = Box(0)
        let pending = Box(false)

        func come() { events.value.withLock { $0 += 1 } }
        func set(isPending: Bool) { pending.value.withLock { $0 = isPending } }

        var activity: DeviceActivity {
            DeviceActivity(
                takeEvents: {
                    events.value.withLock { count in
                        defer { count = 0 }
                        return count
                    }
                }, isPending: { pending.value.withLock { $0 } })
        }
    }

    private func rounds(_ host: TestHost, _ devices: Devices, interval: Duration = .seconds(3_600)) throws -> Rounds {
        var configuration = AgentConfiguration()
        configuration.interval = interval
        configuration.freeSpaceInterval = .seconds(7 * 86_400)
        var rounds = Rounds(
            stateDirectory: host.stateDirectory, configuration: configuration, context: host.context, activity: devices.activity)
        try live(&rounds, host, .seconds(60))
        return rounds
    }

    private func disks(_ count: Int) -> [Inventory.BlockDevice] {
        (0..<count).map { Inventory.BlockDevice(name: "sd\(Character(UnicodeScalar(UInt8(97 + $0))))", kind: "disk") }
    }

    /// An event comes now, as the daemon takes it.
    private func event(_ devices: Devices, _ rounds: inout Rounds) {
        devices.come()
        rounds.takeDeviceEvents()
    }

    @Test func `a device event is told two seconds later, once`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices)
            host.facts.blockDevices = disks(1)
            event(devices, &rounds)
            event(devices, &rounds)
            #expect(rounds.next == host.clock.uptime + .seconds(2) && rounds.deviceEvents == 2)
            try live(&rounds, host, .seconds(60))
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(try host.state().outbox.isEmpty)
        }
    }

    @Test func `disks that come one after the other over the interval's end are told in one message`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices, interval: .seconds(15))
            host.clock.advance(max(.zero, rounds.next - host.clock.uptime - .seconds(4)))
            for count in 1...8 {
                host.facts.blockDevices = disks(count)
                event(devices, &rounds)
                try live(&rounds, host, .seconds(1))
                #expect(host.controller.messages(.inventory).isEmpty)
            }
            try live(&rounds, host, .seconds(60))
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(try host.state().told.inventory == host.facts.digest.description)
        }
    }

    @Test func `an event that comes while the facts are read has them read again before anything is told`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var context = host.context
            let (source, all, present) = (context.facts, disks(2), Box(0))
            // The second disk comes when the first was read.
            context.facts = FactsSource { level in
                var facts = try source.read(level)
                let count = present.value.withLock { count in
                    defer { if count == 1 { count = 2 } }
                    return count
                }
                if count == 1 { devices.come() }
                facts.blockDevices = Array(all.prefix(count))
                return facts
            }
            var configuration = AgentConfiguration()
            configuration.interval = .seconds(3_600)
            var rounds = Rounds(
                stateDirectory: host.stateDirectory, configuration: configuration, context: context, activity: devices.activity)
            try live(&rounds, host, .seconds(60))
            present.value.withLock { $0 = 1 }
            event(devices, &rounds)
            try live(&rounds, host, .seconds(60))
            #expect(host.controller.messages(.inventory).count == 1)
            host.facts.blockDevices = all
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(rounds.deviceEvents == 2)
        }
    }

    @Test func `while udev has work nothing is told, for the limit at most`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices)
            host.facts.blockDevices = disks(1)
            devices.set(isPending: true)
            event(devices, &rounds)
            try live(&rounds, host, .seconds(29))
            #expect(host.controller.messages(.inventory).isEmpty)
            try live(&rounds, host, .seconds(2))
            #expect(host.controller.messages(.inventory).count == 1)

            host.facts.blockDevices = disks(2)
            event(devices, &rounds)
            try live(&rounds, host, .seconds(10))
            #expect(host.controller.messages(.inventory).count == 1)
            devices.set(isPending: false)
            try live(&rounds, host, .seconds(3))
            #expect(host.controller.messages(.inventory).count == 2)
        }
    }

    @Test func `what the interval brings to light without an event is looked at again after a while, and told whole`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices, interval: .seconds(30))
            host.clock.advance(max(.zero, rounds.next - host.clock.uptime))
            host.facts.blockDevices = disks(1)
            rounds.work()
            host.facts.blockDevices = disks(2)
            try live(&rounds, host, .seconds(3))
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(try host.state().told.inventory == host.facts.digest.description)
        }
    }

    @Test func `a path that fails and comes back for ever is told once in the limit, not at each event`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices, interval: .seconds(60))
            for second in 0..<300 {
                host.facts.blockDevices = disks(1 + second % 7)
                event(devices, &rounds)
                try live(&rounds, host, .seconds(1))
            }
            #expect((2...11).contains(host.controller.messages(.inventory).count))
        }
    }

    @Test func `events that change nothing tell nothing`() throws {
        try TestHost.with { host in
            try host.register()
            let devices = Devices()
            var rounds = try rounds(host, devices)
            let before = host.controller.taken.count
            for _ in 0..<50 { event(devices, &rounds) }
            try live(&rounds, host, .seconds(60))
            #expect(host.controller.taken.count == before)
        }
    }
}
