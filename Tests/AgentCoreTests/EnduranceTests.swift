import Files
import Glibc
import Identifiers
import Inventory
import Testing

@testable import AgentCore

/// Years of uptime in a moment: clocks that jump, machines that sleep, pads that are away, disks that are full.
@Suite struct EnduranceTests {
    private func rounds(_ host: TestHost, interval: Duration = .seconds(60), limited log: Bool = false) -> Rounds {
        var context = host.context
        var configuration = AgentConfiguration()
        configuration.interval = interval
        if log { context.log.limit = LogLimit(clock: host.clock.hostClock) }
        return Rounds(stateDirectory: host.stateDirectory, configuration: configuration, context: context)
    }

    @Test(arguments: [-7_200, -60, 60, 3_600, 6 * 3_600])
    func `a clock that jumps brings no storm, and what changes afterwards is told`(seconds: Int64) throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(600))
            let before = (files: host.controller.files, wakes: try live(&rounds, host, .seconds(600)))
            let files = host.controller.files
            host.clock.set(host.clock.now + .seconds(seconds))
            let wakes = try live(&rounds, host, .seconds(600))
            #expect(wakes <= before.wakes + 4)
            #expect(host.controller.files - files <= (files - before.files) + 4)
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            try live(&rounds, host, .seconds(120))
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(try host.state().outbox.isEmpty)
        }
    }

    @Test func `after a night's sleep there is one look, not one for each that was missed`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(600))
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            // Both clocks go on while a machine sleeps; the daemon does not.
            host.clock.advance(.seconds(9 * 3_600))
            #expect(rounds.isDue)
            let count = rounds.count
            rounds.work()
            #expect(rounds.count == count + 1 && rounds.next > host.clock.uptime)
            try live(&rounds, host, .seconds(60))
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(host.controller.messages(.inventory).count == 1)
        }
    }

    @Test func `a pad that is away for a week costs one message, and is used again when it is back`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host, interval: .seconds(600), limited: true)
            try live(&rounds, host, .seconds(600))
            let lines = host.lines.value.withLock { $0.count }
            #expect(rename(host.padDirectory, "\(host.directory)/away") == 0)
            host.controller.isAway = true
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            let wakes = try live(&rounds, host, .seconds(7 * 86_400))
            #expect(wakes <= 7 * 24 * 6 + 10)
            #expect(host.lines.value.withLock { Array($0.dropFirst(lines)) }.count == 1)
            let status = RegistrationStatus(of: try host.state(), now: host.clock.now)
            #expect(status.problems.contains { $0.text.contains("cannot be used") })
            let stateBytes = try readFile("\(try host.registration().path)/state.json").count
            #expect(stateBytes < 64 << 10)

            #expect(rename("\(host.directory)/away", host.padDirectory) == 0)
            host.controller.isAway = false
            try live(&rounds, host, .seconds(1_800))
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(RegistrationStatus(of: try host.state(), now: host.clock.now).problems.isEmpty)
            let said = host.lines.value.withLock { Array($0.dropFirst(lines)) }
            #expect(said.count == 2 && said.last?.hasSuffix("in order again") == true, "\(said)")
        }
    }

    @Test func `a pad that comes and goes each minute for hours is told a few times an hour`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host, limited: true)
            try live(&rounds, host, .seconds(600))
            let lines = host.lines.value.withLock { $0.count }
            for minute in 0..<240 {
                let (from, to) = (host.padDirectory, "\(host.directory)/away")
                #expect(minute % 2 == 0 ? rename(from, to) == 0 : rename(to, from) == 0)
                host.controller.isAway = minute % 2 == 0
                try live(&rounds, host, .seconds(60))
            }
            #expect(host.lines.value.withLock { $0.count } - lines <= 4 * 2 * 4 + 8)
        }
    }
}

/// The program where the state cannot be written, and on a host of the largest size.
@Suite(.serialized) struct EnduranceProgramTests {
    /// A file system of its own over a directory.
    private final class SmallDisk {
        let path: String

        init(over path: String, size: String) throws {
            self.path = path
            try #require(mount("quartermaster-test", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "size=\(size),mode=0700") == 0)
        }

        func set(readOnly: Bool) throws {
            let flags = MS_REMOUNT | MS_NOSUID | MS_NODEV | (readOnly ? MS_RDONLY : 0)
            try #require(mount("quartermaster-test", path, "tmpfs", UInt(flags), nil) == 0, "remount: \(FileError.text(of: errno))")
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }
    }

    static var canMount: Bool {
        guard geteuid() == 0 else { return false }
        let directory = "/tmp/quartermaster-mount-test.\(getpid())"
        mkdir(directory, 0o700)
        defer { rmdir(directory) }
        guard mount("quartermaster-test", directory, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount2(directory, Int32(MNT_DETACH)) == 0
    }

    private func disk(_ fixture: ProgramFixture) throws -> SmallDisk {
        try fixture.configure("[reporting]\ninterval = 1s\nfree-space-interval = 2s\n")
        try makeDirectories(fixture.host.stateDirectory.path)
        let disk = try SmallDisk(over: fixture.host.stateDirectory.path, size: "512k")
        #expect(try fixture.run(fixture.registerArguments).status == 0)
        return disk
    }

    /// Several rounds of a daemon that cannot write: it runs, says so once in these words, and goes on after `mend`.
    private func expectEndurance(_ fixture: ProgramFixture, _ daemon: RunningProgram, _ words: String, mend: () throws -> Void) throws {
        let controller = fixture.host.controller
        #expect(try daemon.wait(controller: controller) { daemon.messages.contains(words) }, "\(daemon.messages)")
        let end = HostClock.system.uptime() + .seconds(10)
        #expect(try daemon.wait(controller: controller) { HostClock.system.uptime() > end })
        let status = try fixture.run(["status"])
        #expect(String(decoding: status.output, as: UTF8.self).contains("so that nothing is reported"))
        try mend()
        let count = controller.messages(.freeSpace).count
        #expect(try daemon.wait(controller: controller) { controller.messages(.freeSpace).count > count + 1 }, "\(daemon.messages)")
        daemon.send(SIGTERM)
        let result = try daemon.wait(controller: controller)
        #expect(result.status == 0)
        #expect(result.errors.split(separator: "\n").count { $0.contains(words) } <= 4, "\(result.errors)")
        #expect(result.errors.contains("in order again"), "\(result.errors)")
    }

    @Test(.enabled(if: canMount, "takes root, to mount a file system"))
    func `a state directory that is full is told once, and work goes on when there is room`() throws {
        try ProgramFixture.with { fixture in
            let disk = try disk(fixture)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let controller = fixture.host.controller
            #expect(try daemon.wait(controller: controller) { controller.messages(.freeSpace).count > 1 }, "\(daemon.messages)")
            let ballast = try FileDescriptor(opening: "\(disk.path)/ballast", flags: O_WRONLY | O_CREAT, mode: 0o600)
            let chunk = [UInt8](repeating: 1, count: 4096)
            while write(ballast.number, chunk, chunk.count) > 0 {}
            try expectEndurance(fixture, daemon, "No space left on device") {
                #expect(unlink("\(disk.path)/ballast") == 0 && ftruncate(ballast.number, 0) == 0)
            }
        }
    }

    @Test(.enabled(if: canMount, "takes root, to mount a file system"))
    func `a daemon on a read-only file system runs, says so once, and works when it can write`() throws {
        try ProgramFixture.with { fixture in
            let disk = try disk(fixture)
            // The first start leaves the lock's file.
            let first = try fixture.start()
            let controller = fixture.host.controller
            #expect(try first.wait(controller: controller) { !controller.messages(.freeSpace).isEmpty }, "\(first.messages)")
            first.send(SIGTERM)
            #expect(try first.wait(controller: controller).status == 0)
            try disk.set(readOnly: true)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            try expectEndurance(fixture, daemon, "Read-only file system") { try disk.set(readOnly: false) }
        }
    }

    /// `sys` of 10,000 SCSI disks, each a path of a multipath host, and `proc/1/mountinfo` of 30,000 mounts: in memory, where 60,000 files are made and
    /// gone in a moment, as long as the disk is held.
    private func makeLargeHost(_ fixture: ProgramFixture) throws -> SmallDisk {
        let memory = try SmallDisk(over: fixture.root, size: "512m")
        try makeDirectories("\(fixture.root)/etc", mode: 0o755)
        try replaceFile("\(fixture.root)/etc/machine-id", with: Array("0123456789abcdef0123456789abcdef\n".utf8), mode: 0o644)
        try makeDirectories("\(fixture.root)/sys/dev/block", mode: 0o755)
        try makeDirectories("\(fixture.root)/proc/1", mode: 0o755)
        let host = "sys/devices/pci0000:00/host3"
        try makeDirectories("\(fixture.root)/\(host)", mode: 0o755)
        func put(_ path: String, _ text: String) throws {
            try FileDescriptor(opening: "\(fixture.root)/\(path)", flags: O_WRONLY | O_CREAT, mode: 0o644).writeAll(Array(text.utf8))
        }
        for index in 0..<10_000 {
            let device = "\(host)/3:0:\(index / 250):\(index % 250)"
            let disk = "\(device)/block/sd\(index)"
            for path in [device, "\(device)/block", disk] { #expect(mkdir("\(fixture.root)/\(path)", 0o755) == 0) }
            try put("\(disk)/size", "2097152\n")
            try put("\(disk)/dev", "8:\(index)\n")
            try put("\(device)/wwid", "naa.6001405\(String(1_000_000_000 + index / 4))0000000\n")
            symlink("../../../3:0:\(index / 250):\(index % 250)", "\(fixture.root)/\(disk)/device")
            symlink(
                "../../devices/pci0000:00/host3/3:0:\(index / 250):\(index % 250)/block/sd\(index)",
                "\(fixture.root)/sys/dev/block/8:\(index)")
        }
        let mounts = (0..<30_000).map {
            "\($0 + 100) 25 8:\($0 % 10_000) / /srv/volume/\($0) rw,relatime shared:\($0) - xfs /dev/sd\($0 % 10_000) rw\n"
        }
        try put("proc/1/mountinfo", mounts.joined())
        try makeDirectories("\(fixture.root)/proc/self", mode: 0o755)
        try put("proc/self/mountinfo", mounts.joined())
        return memory
    }

    @Test(.enabled(if: canMount, "takes root, to mount a file system"))
    func `a host of 10,000 paths and 30,000 mounts is told with bounded memory and few words`() throws {
        try ProgramFixture.with { fixture in
            let host = fixture.host
            let memory = try makeLargeHost(fixture)
            defer { withExtendedLifetime(memory) {} }
            try fixture.configure("[reporting]\ninterval = 2s\n[registration]\ntimeout = 10m\n")
            let registered = try fixture.run(fixture.registerArguments, patience: .seconds(600))
            #expect(registered.status == 0, "\(registered.errors)")
            guard case .registration(let registration) = host.controller.messages(.registration).first?.body else {
                Issue.record("no registration came: \(registered.errors)")
                return
            }
            #expect(registration.inventory.blockDevices.count == 10_000)
            #expect(registration.inventory.fileSystems.count == 30_000)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(
                try daemon.wait(controller: host.controller) { host.controller.messages(.freeSpace).count > 0 }, "\(daemon.messages)")
            let peak = try #require(daemon.peakMemory)
            print("10,000 paths, 30,000 mounts: peak \(peak >> 20) MiB, inventory \(registration.inventory.jsonBytes.count >> 10) KiB")
            #expect(peak < ResourceLimits().memoryBytes)
            daemon.send(SIGTERM)
            let result = try daemon.wait(controller: host.controller)
            #expect(result.errors.split(separator: "\n").count <= 5, "\(result.errors.prefix(2_000))")
        }
    }
}
