import Files
import Glibc
import Identifiers
import StrictJSON
import TestPrograms
import Testing

@testable import AgentCore

/// The program with a pad whose file system hangs in the kernel.
@Suite(.serialized, .enabled(if: HungMount.isPossible, "by design: takes root and /dev/fuse"))
struct HungPadTests {
    /// A host that is registered on two pads: its own, and a second one of another controller.
    private func with(_ body: (TestHost, Program, TestController) throws -> Void) throws {
        let now = HostClock.system.now()
        try TestHost.with(now: now) { host in
            try replaceFile("\(host.directory)/empty.conf", with: [])
            for directory in ["etc", "proc", "sys"] { try makeDirectories("\(host.directory)/root/\(directory)") }
            try replaceFile("\(host.directory)/root/etc/machine-id", with: Array("0123456789abcdef0123456789abcdef\n".utf8))
            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            try makeDirectories("\(host.directory)/pad2")
            let second = try TestController(pad: "\(host.directory)/pad2", keys: "\(host.directory)/keys2", now: now)
            let program = try Program(host)
            #expect(try program.run(register(host, host.padDirectory, host.controller)).status == 0)
            let running = try start(program, register(host, "\(host.directory)/pad2", second), host)
            #expect(try running.wait(controller: second).status == 0)
            try body(host, program, second)
        }
    }

    private func register(_ host: TestHost, _ pad: String, _ controller: TestController, _ more: [String] = []) -> [String] {
        [
            "register", "--pad", pad, "--account", "account-1", "--domain", "production", "--user", "alice",
            "--password-file", "\(host.directory)/password", "--controller-key", "\(controller.fingerprint)",
        ] + more
    }

    private func start(_ program: Program, _ arguments: [String], _ host: TestHost) throws -> RunningProgram {
        try program.start(arguments, environment: [], configuration: "\(host.directory)/empty.conf")
    }

    /// With both controllers looking at their pads.
    private func until(_ what: String, _ controllers: [TestController], _ isDone: () throws -> Bool) throws {
        let end = HostClock.system.uptime() + .seconds(300)
        while try !isDone() {
            try #require(HostClock.system.uptime() < end, "\(what) did not happen in five minutes")
            for controller in controllers { try controller.pass(now: HostClock.system.now()) }
            HostClock.system.pause(.milliseconds(10))
        }
    }

    private func problems(_ host: TestHost, _ program: Program) throws -> [String] {
        let status = try program.run(["status", "--format", "json"])
        #expect(status.status == 0)
        return try JSONFields(JSONValue.parse(status.output)).objects("registrations") { (fields) throws(JSONError) in
            try fields.objects("problems") { (problem) throws(JSONError) in try problem.string("text") }
        }.flatMap { $0 }
    }

    @Test func `a daemon reports on the other pad, says which one hangs, goes on when it is back, and stops while it hangs`() throws {
        try with { host, program, second in
            try replaceFile("\(host.directory)/agent.conf", with: Array("[reporting]\ninterval = 1s\n".utf8))
            var hung = try HungMount(over: host.padDirectory)
            defer { hung.end() }
            host.controller.isAway = true
            let daemon = try program.start(["run"], environment: [], configuration: "\(host.directory)/agent.conf")
            defer { daemon.kill() }
            try until("a report on the second pad", [second]) { !second.messages(.freeSpace).isEmpty }
            let silent = "the pad \(host.padDirectory) does not answer: the file system under it hangs"
            try until("status says which pad hangs", [second]) { try problems(host, program).contains { $0.hasSuffix(silent) } }
            let before = try problems(host, program)
            #expect(before.count == 1 && before[0].hasPrefix("since 20"))
            // There is one thread in the kernel, however often the daemon looks, and the other pad is looked at meanwhile.
            let looks = second.files
            try second.instruct(.rescan, to: secondState(host).key.fingerprint, now: HostClock.system.now())
            try until("another look", [second]) { second.files > looks }
            // Beside it, for a moment, the one that asks the other pad.
            try until("two threads", [second]) { try daemon.threads == 2 }
            #expect(try problems(host, program) == before)

            hung.end()
            host.controller.isAway = false
            try until("a report on the first pad", [host.controller, second]) { !host.controller.messages(.freeSpace).isEmpty }
            try until("no problem is left", [host.controller, second]) { try problems(host, program).isEmpty }
            try until("one thread is left", [host.controller, second]) { try daemon.threads == 1 }

            hung = try HungMount(over: host.padDirectory)
            host.controller.isAway = true
            try until("status says so again", [second]) { try !problems(host, program).isEmpty }
            daemon.send(SIGTERM)
            let result = try daemon.wait(controller: host.controller)
            #expect(result.status == 0)
            #expect(result.errors.split(separator: "\n").filter { $0.hasSuffix(silent) }.count == 2)
        }
    }

    @Test func `a daemon that waits for a pad stops on SIGTERM`() throws {
        try with { host, program, _ in
            let hung = try HungMount(over: host.padDirectory)
            defer { hung.end() }
            host.controller.isAway = true
            let daemon = try start(program, ["run"], host)
            defer { daemon.kill() }
            try until("the daemon waits", []) { try daemon.threads == 2 }
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: host.controller).status == 0)
        }
    }

    @Test func `commands that wait end with 75 at their timeout`() throws {
        try with { host, program, _ in
            let hung = try HungMount(over: host.padDirectory)
            defer { hung.end() }
            host.controller.isAway = true
            let other = register(host, host.padDirectory, host.controller).map { $0 == "account-1" ? "account-2" : $0 }
            for arguments in [other, ["report", "--wait"], ["unregister", "--pad", host.padDirectory]] {
                let result = try program.run(arguments + ["--timeout", "200ms"])
                #expect(result.status == 75, "\(arguments[0]): \(result.errors)")
                #expect(result.errors.contains("the pad \(host.padDirectory) does not answer"), "\(arguments[0]): \(result.errors)")
            }
        }
    }

    private func secondState(_ host: TestHost) throws -> RegistrationState {
        let directory = try host.stateDirectory.registration(pad: "\(host.directory)/pad2", account: host.account)
        return try #require(try directory?.load())
    }
}
