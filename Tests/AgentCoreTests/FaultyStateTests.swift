import Files
import Glibc
import TestPrograms
import Testing

@testable import AgentCore

/// The program where configuration, state or arguments are faulty: it says so once, in one message, and goes on or ends with the right code.
@Suite(.serialized) struct FaultyStateTests {
    @Test func `thirty thousand faults of a configuration are one message, and status knows that the daemon runs`() throws {
        try ProgramFixture.with { fixture in
            try fixture.configure("[reporting]\ninterval = 1s\n")
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let controller = fixture.host.controller
            let report = "\(fixture.host.stateDirectory.path)/daemon.json"
            #expect(try daemon.wait(controller: controller) { access(report, F_OK) == 0 })
            try fixture.configure("[agent]\n" + String(repeating: "x\n", count: 30_000))
            daemon.send(SIGHUP)
            let words = "the configuration stays as it was: \(fixture.configuration):2: is no setting"
            #expect(try daemon.wait(controller: controller) { daemon.messages.contains(words) }, "\(daemon.messages)")
            let state = fixture.host.stateDirectory
            #expect(try daemon.wait(controller: controller) { try state.daemonReport()?.configurationFaults.count == 21 })
            #expect(daemon.messages.split(separator: "\n").count { $0.contains("agent.conf") } == 1, "\(daemon.messages)")
            #expect(daemon.messages.contains("(and 29999 more: quartermaster-agent check-config lists all)"))
            #expect(try readFile(report).count < 64 << 10)
            // The faulty file is the daemon's alone.
            try fixture.configure("")
            let status = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
            #expect(status.hasPrefix("attention: ") && status.contains("\ndaemon: runs since "), "\(status)")
            try replaceFile(report, with: Array("{".utf8))
            let damaged = try fixture.run(["status"])
            let text = String(decoding: damaged.output, as: UTF8.self)
            #expect(damaged.status == 0 && text.contains("problem: what the daemon says of itself cannot be read: "), "\(text)")
            #expect(text.contains("\ndaemon: runs\n") || text.hasSuffix("\ndaemon: runs\n"), "\(text)")
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: controller).status == 0)
            #expect(!String(decoding: try fixture.run(["status"]).output, as: UTF8.self).contains("daemon: runs"))
        }
    }

    @Test func `a report that can be written again is said to be, also where all is as it was before`() throws {
        try ProgramFixture.with { fixture in
            try fixture.configure("[reporting]\ninterval = 1s\n")
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let (controller, report) = (fixture.host.controller, "\(fixture.host.stateDirectory.path)/daemon.json")
            #expect(try daemon.wait(controller: controller) { access(report, F_OK) == 0 })
            #expect(unlink(report) == 0)
            try makeDirectories("\(report)/in-its-place")
            try fixture.configure("[agent]\nx\n")
            daemon.send(SIGHUP)
            let words = "cannot leave what status shows"
            #expect(try daemon.wait(controller: controller) { daemon.messages.contains(words) }, "\(daemon.messages)")
            try fixture.configure("[reporting]\ninterval = 1s\n")
            daemon.send(SIGHUP)
            TestHost.removeTree(report)
            #expect(try daemon.wait(controller: controller) { daemon.messages.contains("can be written to again") }, "\(daemon.messages)")
            #expect(try fixture.host.stateDirectory.daemonReport()?.configurationFaults.isEmpty == true)
        }
    }

    @Test(.enabled(if: EnduranceProgramTests.canMount, "takes root, to mount a file system"))
    func `a state directory that is read-only from the first is named as that`() throws {
        try ProgramFixture.with { fixture in
            let path = fixture.host.stateDirectory.path
            try makeDirectories(path)
            #expect(mount("quartermaster-test", path, "tmpfs", UInt(MS_RDONLY), "size=64k") == 0)
            defer { umount2(path, Int32(MNT_DETACH)) }
            let result = try fixture.run(["run"])
            #expect(result.status == 73)
            #expect(result.errors.contains("cannot open \(path)/daemon.lock: Read-only file system"), "\(result.errors)")
        }
    }

    @Test func `an argument and a path that are repeated move no cursor`() throws {
        try ProgramFixture.with { fixture in
            for arguments in [
                ["inventory", "--format", "js\u{1B}[31m"], ["\u{9B}31m"],
                ["status", "--config", fixture.configuration, "--state-directory", "/\u{1B}[31m"],
            ] {
                let result = try ChildProcess.run(fixture.program.path, arguments)
                #expect(!result.output.contains(0x1B) && !result.output.contains(0x9B), "\(String(decoding: result.output, as: UTF8.self))")
                #expect(result.output.contains(UInt8(ascii: "?")), "\(String(decoding: result.output, as: UTF8.self))")
                #expect(result.status == (arguments[0] == "status" ? 0 : 64))
            }
        }
    }

    @Test func `one long mount point does not widen every row`() throws {
        try ProgramFixture.with { fixture in
            let long = "/mnt/" + String(repeating: "x", count: 3_000)
            try fixture.write(
                "proc/self/mountinfo", "36 35 8:0 / \(long) rw - ext4 /dev/sda rw\n37 35 8:0 / /short rw - ext4 /dev/sda rw\n")
            let table = String(decoding: try fixture.run(["inventory"]).output, as: UTF8.self)
            let rows = table.split(separator: "\n").filter { $0.contains("/short") || $0.contains(long) }
            #expect(rows.count == 2 && rows.contains { $0.count < 200 }, "\(rows.map(\.count))")
        }
    }

    @Test func `what SIGHUP cannot change is told, the old metrics go, and so do a killed daemon's temporary files`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            let (old, new) = ("\(fixture.host.directory)/old.prom", "\(fixture.host.directory)/new.prom")
            let state = fixture.host.stateDirectory.path
            try makeDirectories(state)
            let left = ["\(state)/.daemon.json.77.1.tmp", "\(fixture.host.directory)/.old.prom.77.2.tmp"]
            for path in left { try replaceFile(path, with: []) }
            try fixture.configure("[metrics]\ntextfile = \(old)\n")
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: controller) { access(old, F_OK) == 0 }, "\(daemon.messages)")
            for path in left { #expect(access(path, F_OK) != 0, "\(path)") }
            try fixture.configure("[agent]\nstate-directory = /other\n[reporting]\nevents = no\n[metrics]\ntextfile = \(new)\n")
            daemon.send(SIGHUP)
            #expect(try daemon.wait(controller: controller) { access(new, F_OK) == 0 && access(old, F_OK) != 0 }, "\(daemon.messages)")
            // The fixture's option stands before the file's state directory.
            #expect(daemon.messages.contains("events in agent.conf: from the next start on"), "\(daemon.messages)")
            var other = AgentConfiguration()
            (other.stateDirectory, other.helperSocket) = ("/other", "/run/other")
            #expect(other.keysForNextStart(since: AgentConfiguration()) == ["state-directory", "helper-socket"])
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: controller).status == 0)
        }
    }

    @Test func `metrics under another spelling of their path stay, and what runs already waits for no start`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            let path = "\(fixture.host.directory)/metrics.prom"
            try fixture.configure("[metrics]\ntextfile = \(path)\n")
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: controller) { access(path, F_OK) == 0 }, "\(daemon.messages)")
            for events in ["no", "yes"] {
                let before = daemon.messages.split(separator: "\n").count { $0.contains("the configuration was read again") }
                try fixture.configure(
                    "[reporting]\nevents = \(events)\n[metrics]\ntextfile = \(fixture.host.directory)/etc/../metrics.prom\n")
                daemon.send(SIGHUP)
                #expect(
                    try daemon.wait(controller: controller) {
                        daemon.messages.split(separator: "\n").count { $0.contains("the configuration was read again") } > before
                    })
            }
            #expect(access(path, F_OK) == 0)
            daemon.send(SIGTERM)
            let errors = try daemon.wait(controller: controller).errors
            #expect(!errors.contains("removed \(path)"), "\(errors)")
            // Nobody writes them any more.
            #expect(access(path, F_OK) != 0)
            #expect(errors.split(separator: "\n").count { $0.contains("events in agent.conf: from the next start on") } == 1, "\(errors)")
        }
    }

    @Test func `a fault in the configuration keeps no daemon from starting, unless it may hide where the state is`() throws {
        try ProgramFixture.with { fixture in
            let text = "[reporting]\nnewer-key = 1\nsettle = never\ninterval = 1s\n[newer-section]\nkey = value\nno setting\n"
            try fixture.configure(text)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let state = fixture.host.stateDirectory
            #expect(try daemon.wait(controller: fixture.host.controller) { try state.daemonReport() != nil }, "\(daemon.messages)")
            let words =
                "what is at fault in the configuration keeps its default: \(fixture.configuration):2: reporting.newer-key: is not known"
            #expect(daemon.messages.contains(words), "\(daemon.messages)")
            #expect(try state.daemonReport()?.configurationFaults.count == 4)
            let status = try fixture.run(["status"])
            let lines = String(decoding: status.output, as: UTF8.self)
            #expect(status.status == 0 && lines.contains("problem: the configuration is not in force as it stands: "), "\(lines)")
            try fixture.configure("")
            daemon.send(SIGHUP)
            #expect(try daemon.wait(controller: fixture.host.controller) { try state.daemonReport()?.configurationFaults.isEmpty == true })
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: fixture.host.controller).status == 0)
            for text in [
                "[agent]\nstate-directory = relative\n", "[agnet]\nstate-directory = /other\n", "[agent]\nstate-directory /other\n", "\0",
            ] {
                try fixture.configure(text)
                #expect(try fixture.run(["run"]).status == 78, "\(text)")
            }
        }
    }

    @Test func `what stands where a directory or a file is to be is told for what it is, and who else can replace the state`() throws {
        try ProgramFixture.with { fixture in
            try fixture.host.register()
            let state = fixture.host.stateDirectory.path
            #expect(chmod(state, 0o777) == 0)
            let open = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
            #expect(open.contains("its mode 777 lets others replace them") && open.contains("chmod 700 \(state)"), "\(open)")
            #expect(chmod(state, 0o700) == 0)
            #expect(!String(decoding: try fixture.run(["status"]).output, as: UTF8.self).contains("lets others"))
            let file = try fixture.host.registration().path + "/state.json"
            #expect(unlink(file) == 0 && mkfifo(file, 0o600) == 0)
            let pipe = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
            #expect(pipe.contains("state.json: it is not a regular file"), "\(pipe)")
            var configuration = AgentConfiguration()
            (configuration.stateDirectory, configuration.metricsFile) = (fixture.configuration, "\(state)/none/agent.prom")
            #expect(configuration.stateFault(in: "agent.conf")?.reason == "\(fixture.configuration) is there, and no directory")
            #expect(configuration.metricsWarning(in: "agent.conf")?.reason.hasPrefix("there is no directory \(state)/none/") == true)
            (configuration.stateDirectory, configuration.metricsFile) = ("\(state)/none", "\(state)/agent.prom")
            #expect(configuration.stateFault(in: "agent.conf") == nil && configuration.metricsWarning(in: "agent.conf") == nil)
            #expect("\(AgentError.stateClosed(path: state))".hasSuffix("run the same command with sudo"))
            #expect(AgentError.stateClosed(path: state).exitStatus == .refused)
        }
    }

    @Test func `one SCSI host that cannot be scanned keeps no other from it`() throws {
        try TestHost.with { host in
            let path = "\(host.directory)/root/sys/class/scsi_host"
            for name in ["host0", "host1/scan", "host2", "host3"] { try makeDirectories("\(path)/\(name)") }
            for name in ["host0", "host3"] { try replaceFile("\(path)/\(name)/scan", with: []) }
            let outcome = BusScan.run(root: "\(host.directory)/root")
            #expect(outcome == .partly(scanned: 2, hosts: 3, first: "host1", errno: EISDIR))
            #expect(outcome.acknowledged.detail == "2 of 3 SCSI hosts scanned; host1: Is a directory")
            #expect(try readFile("\(path)/host3/scan") == Array("- - -".utf8))
        }
    }

    @Test func `a process that has held a secret leaves no core`() throws {
        var bytes = Array("secret".utf8)
        let secret = Secret(taking: &bytes)
        var limit = rlimit()
        #expect(getrlimit(Int32(RLIMIT_CORE.rawValue), &limit) == 0 && limit.rlim_cur == 0)
        secret.wipe()
    }
}
