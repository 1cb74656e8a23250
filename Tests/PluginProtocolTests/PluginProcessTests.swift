import Foundation
import Glibc
import PluginProtocol
import StrictJSON
import Synchronization
import TestSupport
import Testing

@Suite struct PluginProcessTests {
    @Test func `calls are answered in any order while others wait`() async throws {
        let fixture = try SimulatorFixture()
        try await fixture.withProcess(fault: "pool.list:delay=400ms:1") { process in
            let client = PluginClient(process)
            let order = try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask {
                    _ = try await client.pools()
                    return "pools"
                }
                group.addTask {
                    _ = try await client.volumes()
                    return "volumes"
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(order == ["volumes", "pools"])
        }
    }

    @Test(arguments: ["notFound", "exists", "noSpace", "inUse", "notPermitted", "unsupported", "unavailable", "conflict", "internal"])
    func `an error's kind arrives as it was given`(kind: String) async throws {
        let fixture = try SimulatorFixture()
        try await fixture.withProcess(fault: "volume.list:\(kind):1") { process in
            let client = PluginClient(process)
            await #expect { _ = try await client.volumes() } throws: { error in
                guard case PluginCallError.fault(let fault) = error else { return false }
                return fault.kind.rawValue == kind
            }
            let count = try await client.volumes().entries.count
            #expect(count == 1)
        }
    }

    @Test func `a call without an answer ends at its deadline, and the next is answered`() async throws {
        let fixture = try SimulatorFixture()
        try await fixture.withProcess(fault: "disk.list:hang:1", limits: .impatient) { process in
            let client = PluginClient(process)
            await #expect(throws: PluginCallError.noAnswer(method: "disk.list", after: .seconds(1))) { try await client.disks() }
            let count1 = try await eventually { try await client.disks().entries.count }
            #expect(count1 == 1)
        }
    }

    @Test func `three missed deadlines in a row end the process, which is not started again before a pause`() async throws {
        let fixture = try SimulatorFixture()
        var limits = PluginLimits.impatient
        // Longer than any test: that it comes back is the next test's.
        limits.firstPause = .seconds(3600)
        limits.longestPause = .seconds(3600)
        try await fixture.withProcess(fault: "disk.list:hang:3", limits: limits) { process in
            let client = PluginClient(process)
            for _ in 0..<3 { await #expect(throws: PluginCallError.self) { try await client.disks() } }
            await #expect {
                _ = try await client.pools()
            } throws: { error in
                switch error as? PluginCallError {
                case .paused(_, let because): because.contains("missed 3 deadlines in a row")
                case .violated(.missedDeadlines(3)): true
                default: false
                }
            }
        }
    }

    @Test func `a process that stops dead is killed and started again`() async throws {
        let fixture = try SimulatorFixture(SimulatorFixture.ordinary(#","faults":["volume.list:freeze:1"]"#))
        try await fixture.withProcess(limits: .impatient) { process in
            let client = PluginClient(process)
            for _ in 0..<3 { await #expect(throws: PluginCallError.self) { try await client.volumes() } }
            let count3 = try await eventually { try await client.volumes().entries.count }
            #expect(count3 == 1)
        }
    }

    @Test func `a crash fails the calls under way and says how it ended`() async throws {
        let fixture = try SimulatorFixture(SimulatorFixture.ordinary(#","faults":["pool.list:crash:1"]"#))
        var limits = PluginLimits.impatient
        limits.readDeadline = .seconds(120)
        try await fixture.withProcess(limits: limits) { process in
            let client = PluginClient(process)
            await #expect(throws: PluginCallError.ended(how: "it exited with status 70")) { try await client.pools() }
            let count4 = try await eventually { try await client.pools().entries.count }
            #expect(count4 == 1)
        }
    }

    @Test(arguments: ["garbage", "unknown-id"])
    func `a line that answers nothing is put up with, and noted`(kind: String) async throws {
        let fixture = try SimulatorFixture()
        let notes = Recorder()
        try await fixture.withProcess(fault: "pool.list:\(kind):1", limits: .impatient, log: notes.append) { process in
            let client = PluginClient(process)
            await #expect(throws: PluginCallError.noAnswer(method: "pool.list", after: .seconds(1))) { try await client.pools() }
            let count5 = try await eventually { try await client.pools().entries.count }
            #expect(count5 == 1)
        }
        #expect(notes.lines.contains { $0.contains("wrote a line that is not believed") })
    }

    @Test(arguments: ["flood", "long-line"])
    func `a flood of lines, or of one line, ends the process`(kind: String) async throws {
        let fixture = try SimulatorFixture(SimulatorFixture.ordinary(#","faults":["pool.list:\#(kind):1"]"#))
        var limits = PluginLimits.impatient
        limits.readDeadline = .seconds(120)
        try await fixture.withProcess(limits: limits) { process in
            let client = PluginClient(process)
            await #expect { _ = try await client.pools() } throws: { error in
                switch error as? PluginCallError {
                case .violated(.garbage): kind == "flood"
                case .violated(.overlongLine): kind == "long-line"
                default: false
                }
            }
            let count6 = try await eventually { try await client.pools().entries.count }
            #expect(count6 == 1)
        }
    }

    @Test func `a flood on standard error is limited, counted and harms nothing`() async throws {
        let fixture = try SimulatorFixture()
        let lines = Recorder()
        var limits = PluginLimits.impatient
        limits.readDeadline = .seconds(600)
        // One window for the whole test, however long it takes.
        limits.logWindow = .seconds(3600)
        try await fixture.withProcess(fault: "pool.list:flood-log:1", limits: limits, log: lines.append) { process in
            let client = PluginClient(process)
            let flooding = Task { try await client.pools() }
            for _ in 0..<20 {
                let count = try await client.volumes().entries.count
                #expect(count == 1)
            }
            flooding.cancel()
            await #expect(throws: PluginCallError.cancelled) { try await flooding.value }
        }
        #expect(lines.lines.count <= limits.logLines + 10)
    }

    @Test func `a write that was done before a crash is answered and not done again`() async throws {
        let fixture = try SimulatorFixture(SimulatorFixture.ordinary(#","faults":["volume.create:crash-after:1"]"#))
        var limits = PluginLimits.impatient
        limits.writeDeadline = .seconds(120)
        limits.readDeadline = .seconds(120)
        try await fixture.withProcess(limits: limits) { process in
            let client = PluginClient(process)
            let request: JSONValue = ["name": "twice", "sizeBytes": 1_048_576, "requestID": "r1"]
            await #expect(throws: PluginCallError.self) { try await client.change(.volumeCreate, request) }
            let outcome = try await eventually { try await client.change(.volumeCreate, request) }
            guard case .volume(let volume) = outcome else {
                Issue.record("no volume: \(outcome)")
                return
            }
            let made = try await client.volumes().entries.filter { $0.name == "twice" }.map(\.volumeID)
            #expect(made == [volume.volumeID])
        }
    }

    @Test func `the environment, the descriptors and the arguments hold nothing of ours`() async throws {
        let directory = NSTemporaryDirectory() + "quartermaster-plugin-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let script = directory + "/quartermaster-plugin-spy"
        try """
        #!/bin/sh
        env >&2
        ls /proc/self/fd | tr '\\n' ' ' >&2; echo >&2
        echo "args: $*" >&2
        read -r line
        echo '{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"spy","version":"1","vendor":"x","options":[]}}'
        read -r line
        """.write(toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        setenv("QUARTERMASTER_TEST_SECRET", "leak", 1)
        let leaky = open("/etc/hostname", O_RDONLY)
        defer { close(leaky) }
        let lines = Recorder()
        let process = PluginProcess(path: script, options: ["password": "hunter2"], limits: .impatient, log: lines.append)
        // While another test forks, the script may still be open for writing in the child (ETXTBSY).
        let identity = try await eventually { try await process.initialize() }
        #expect(identity.name == "spy")
        await process.stop()
        let log = lines.lines
        #expect(!log.contains { $0.contains("leak") || $0.contains("hunter2") })
        #expect(log.contains("args: "))
        // 3 is ls's own descriptor for the directory.
        #expect(log.contains("0 1 2 3 "), "\(log)")
        #expect(
            Set(log.compactMap { $0.split(separator: "=").first }.filter { $0.allSatisfy { $0.isUppercase || $0 == "_" } }).isSubset(of: [
                "PATH", "LANG", "PWD", "_", "OLDPWD", "SHLVL",
            ]))
    }

    @Test func `a program that cannot be started is an error that names it`() async throws {
        let process = PluginProcess(path: "/nowhere/plugin", options: [:])
        await #expect(throws: PluginCallError.cannotStart(path: "/nowhere/plugin", errno: ENOENT)) { try await process.initialize() }
        await process.stop()
        await #expect(throws: PluginCallError.stopped) { try await process.initialize() }
    }

    @Test func `stop ends a process that ignores the end of its input`() async throws {
        let fixture = try SimulatorFixture()
        let process = try fixture.process(fault: "volume.list:freeze:1", limits: .impatient)
        await #expect(throws: PluginCallError.self) { try await PluginClient(process).volumes() }
        await process.stop()
        await #expect(throws: PluginCallError.stopped) { try await PluginClient(process).volumes() }
    }

    /// What a plug-in does that does not end by itself when its input does.
    enum Stubbornness: String, CaseIterable, Sendable {
        case stopped, deaf
    }

    @Test(arguments: Stubbornness.allCases)
    func `a plug-in does not outlive a controller that was killed`(stubbornness: Stubbornness) async throws {
        let directory = NSTemporaryDirectory() + "quartermaster-plugin-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let script = directory + "/quartermaster-plugin-stubborn"
        // Signals that are ignored stay so in the program that takes the shell's place.
        try """
        #!/bin/sh
        trap '' HUP TERM INT
        echo $$ > \(directory)/process
        read -r line
        echo '{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"spy","version":"1","vendor":"x","options":[]}}'
        exec sleep 3600
        """.write(toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = directory as String, stubbornness = stubbornness.rawValue as String] in
            let plugin = PluginProcess(path: directory + "/quartermaster-plugin-stubborn", options: [:])
            _ = try await eventually { try await plugin.initialize() }
            let text = try String(contentsOfFile: directory + "/process", encoding: .utf8)
            let process = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            if stubbornness == "stopped" { kill(process, SIGSTOP) }
            kill(getpid(), SIGKILL)
        }
        let text = try String(contentsOfFile: directory + "/process", encoding: .utf8)
        let process = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { kill(process, SIGKILL) }
        try await eventually {
            // Killed, or killed and not yet reaped by whoever inherited it.
            guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return }
            try #require(status.contains(") Z "), "the plug-in lives: \(status)")
        }
    }
}

/// Keeps log lines.
final class Recorder: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    @Sendable func append(_ line: String) { kept.withLock { $0.append(line) } }
}

/// Tries until there is no error, for at most two minutes.
func eventually<Value>(_ body: () async throws -> Value) async throws -> Value {
    let end = ContinuousClock.now + .seconds(120)
    while true {
        do {
            return try await body()
        } catch {
            if ContinuousClock.now > end { throw error }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
