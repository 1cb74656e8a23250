import CLinux
import Files
import Glibc
import Identifiers
import Messages
import ScratchPad
import StrictJSON
import TestPrograms
import Testing

@testable import AgentCore

/// The program itself, on the host's own clock and files: killed at each durable step, and what it prints and returns.
@Suite(.serialized) struct ProgramTests {
    /// A host of the fixture with an empty root for its facts, and the program's path.
    private func with(_ body: (TestHost, Program) throws -> Void) throws {
        try TestHost.with(now: HostClock.system.now()) { host in
            try replaceFile("\(host.directory)/empty.conf", with: [])
            for directory in ["etc", "proc", "sys"] { try makeDirectories("\(host.directory)/root/\(directory)") }
            try replaceFile("\(host.directory)/root/etc/machine-id", with: Array("0123456789abcdef0123456789abcdef\n".utf8))
            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            let program = try Program(host)
            try body(host, program)
        }
    }

    private func registerArguments(_ host: TestHost, _ more: [String] = []) -> [String] {
        [
            "register", "--pad", host.padDirectory, "--account", "account-1", "--domain", "production", "--user", "alice",
            "--password-file", "\(host.directory)/password", "--controller-key", "\(host.controller.fingerprint)", "--format", "json",
        ] + more
    }

    /// Registers, is told to scan its buses and to change its key, reports, renews, and leaves; each command is killed the `n`-th time that it
    /// reaches the step, and run again. Returns how many were killed.
    private func live(_ host: TestHost, _ program: Program, killedAt step: Step, _ n: Int) throws -> Int {
        var killed = 0
        func run(_ arguments: [String]) throws {
            let first = try program.run(arguments, environment: ["QUARTERMASTER_CRASH_AT=\(step.rawValue):\(n)"])
            guard first.signal == SIGKILL else {
                #expect(first.status == 0, "\(arguments[0]) at \(step):\(n): \(first.errors)")
                return
            }
            killed += 1
            let second = try program.run(arguments)
            let hasLeft = arguments[0] == "unregister" && [.stateRemoved, .fileRemoved].contains(step) && second.status == 66
            #expect(second.status == 0 || hasLeft, "\(arguments[0]) after \(step):\(n): \(second.errors)")
        }
        try run(registerArguments(host))
        let own = try host.state().key.fingerprint
        // What an agent of this host left half written: the next one removes it.
        let leftOver = MessageFileName(sender: own, sequence: 1).temporary
        try replaceFile("\(host.padDirectory)/in/\(leftOver)", with: [0])
        try host.controller.instruct(.rescan, to: own, now: HostClock.system.now())
        try host.controller.instruct(.rotateKeys, to: own, now: HostClock.system.now())
        try replaceFile("\(host.directory)/root/etc/hostname", with: Array("db2\n".utf8))
        try makeDirectories("\(host.directory)/root/proc/sys/kernel")
        try replaceFile("\(host.directory)/root/proc/sys/kernel/hostname", with: Array("db2\n".utf8))
        // The renewal with the new key goes alone, what changed after it.
        try run(["report", "--wait"])
        try run(["report", "--wait"])
        #expect(try host.state().key.fingerprint != own)
        #expect(access("\(host.padDirectory)/in/\(leftOver)", F_OK) != 0, "\(step):\(n)")
        try run(["unregister"])
        return killed
    }

    @Test(arguments: Step.allCases)
    func `killed at a durable step, whichever time it comes, the next run completes`(step: Step) throws {
        var n = 0
        var killed = 0
        repeat {
            n += 1
            try with { host, program in
                killed = try live(host, program, killedAt: step, n)
                let at = Comment(rawValue: "\(step):\(n)")
                let controller = host.controller
                // Where the acceptance was recorded before the kill, the second run is another registration.
                #expect((1...2).contains(controller.messages(.registration).count), at)
                #expect(controller.messages(.renewal).count == 1, at)
                #expect(controller.messages(.farewell).count == 1, at)
                let told = controller.messages(.inventory).compactMap { message in
                    if case .inventory(let report) = message.body { report.digest } else { nil }
                }
                // Told once, or once before and once after what the scan asked for.
                #expect(Set(told).count == 1, at)
                let envelopes = controller.taken.map(\.envelope)
                #expect(Set(envelopes.map(\.sequence)).count == envelopes.count, at)
                let predecessors = envelopes.compactMap(\.previous)
                #expect(Set(predecessors).count == predecessors.count, "a fork, \(step):\(n)")
                #expect(try FileDescriptor(directory: "\(host.stateDirectory.path)/registrations").names() == [], at)
            }
        } while killed > 0
        // The last round is the one in which nothing was killed: every other killed a command at least once.
        #expect(n > 1, "\(step) was never reached")
    }

    @Test func `register prints the answer as one JSON document, and a refusal ends with 77`() throws {
        try with { host, program in
            try replaceFile("\(host.directory)/password", with: Array("wrong\n".utf8))
            let refused = try program.run(registerArguments(host))
            #expect(refused.status == 77)
            let refusal = try JSONFields(JSONValue.parse(refused.output))
            #expect(try refusal.string("outcome") == "refused")
            #expect(try refusal.string("reason") == "bad-credentials")
            #expect(try FileDescriptor(directory: "\(host.stateDirectory.path)/registrations").names() == [])

            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            let accepted = try program.run(registerArguments(host))
            #expect(accepted.status == 0)
            let document = try JSONFields(JSONValue.parse(accepted.output))
            #expect(try document.string("outcome") == "accepted")
            #expect(try document.string("hostID") == "host-7")
            #expect(try document.string("accountID") == "account-1")
            #expect(Timestamp(try document.string("certificateExpires")) != nil)

            let status = try program.run(["status", "--format", "json"])
            let registrations = try JSONFields(JSONValue.parse(status.output)).objects("registrations") { (fields) throws(JSONError) in
                try fields.string("state")
            }
            #expect(registrations == ["registered"])
        }
    }

    @Test func `a registered host asks the controller again, and prints what it says`() throws {
        try with { host, program in
            #expect(try program.run(registerArguments(host)).status == 0)
            try replaceFile("\(host.directory)/password", with: Array("wrong\n".utf8))
            let refused = try program.run(registerArguments(host, ["--level", "2"]))
            #expect(refused.status == 77)
            #expect(try JSONFields(JSONValue.parse(refused.output)).string("reason") == "bad-credentials")
            #expect(try host.state().phase == .registered && host.state().customer.level == 3)
            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            #expect(try program.run(registerArguments(host, ["--level", "2"])).status == 0)
            #expect(try host.state().customer.level == 2)
            #expect(host.controller.messages(.registration).count == 3)
        }
    }

    @Test func `a refusal of what an earlier command sent is no answer to this one`() throws {
        try with { host, program in
            try replaceFile("\(host.directory)/password", with: Array("wrong\n".utf8))
            host.controller.isAway = true
            #expect(try program.run(registerArguments(host, ["--timeout", "1s"])).status == 75)
            host.controller.isAway = false
            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            let accepted = try program.run(registerArguments(host))
            #expect(accepted.status == 0, "\(accepted.errors)")
            #expect(try JSONFields(JSONValue.parse(accepted.output)).string("outcome") == "accepted")
        }
    }

    @Test func `what cannot be printed is an error, and what a mount point says moves no cursor`() throws {
        try with { host, program in
            for arguments in [
                ["status"], ["status", "--format", "json"], ["inventory"], ["inventory", "--format", "json"], ["check-config"],
            ] {
                let result = try program.run(arguments, output: "/dev/full")
                #expect(result.status == 74, "\(arguments): \(result.errors)")
                #expect(result.errors.contains("standard output"), "\(arguments): \(result.errors)")
            }
            try makeDirectories("\(host.directory)/root/proc/self")
            try replaceFile(
                "\(host.directory)/root/proc/self/mountinfo",
                with: Array("36 35 8:0 / /mnt\\040x\\012y\\033[31m\\302\\233 rw - ext4 /dev/sda rw\n".utf8))
            let table = try program.run(["inventory"])
            #expect(table.status == 0)
            #expect(table.output.allSatisfy { $0 >= 0x20 || $0 == 0x0A } && !table.output.contains(0x9B))
            #expect(String(decoding: table.output, as: UTF8.self).contains("/mnt x?y?[31m?"))
        }
    }

    @Test func `without a terminal nothing is asked, and the error names the option`() throws {
        try with { host, program in
            let cases: [([String], Int32, String)] = [
                (["register"], 64, "--pad is missing"),
                (["register", "--pad", host.padDirectory], 64, "--account is missing"),
                (["register", "--pad", host.padDirectory, "--account", "account-1"], 77, "--controller-key is missing"),
                (
                    [
                        "register", "--pad", host.padDirectory, "--account", "account-1", "--domain", "d", "--user", "u",
                        "--password-file", "\(host.directory)/password", "--trust-on-first-use",
                    ],
                    64, "--trust-on-first-use works with an enrolment token only"
                ),
                (
                    [
                        "register", "--pad", host.padDirectory, "--account", "account-1", "--domain", "d", "--user", "u",
                        "--controller-key", "\(host.controller.fingerprint)",
                    ],
                    64, "--password-file is missing"
                ),
                (
                    ["register", "--pad", host.padDirectory, "--account", "account-1", "--controller-key", "SHA256:nonsense"], 64,
                    "--controller-key \"SHA256:nonsense\" is not allowed"
                ),
                (["report"], 66, "this host is not registered"),
                (["unregister"], 66, "this host is not registered"),
                (["register", "--level", "5"], 64, "--level is 2, 3 or 4, not 5."),
                (["bogus"], 64, "Unexpected argument"),
            ]
            for (arguments, status, text) in cases {
                let result = try program.run(arguments)
                #expect(result.status == status, "\(arguments): \(result.errors)")
                #expect(result.errors.contains(text), "\(arguments): \(result.errors)")
                #expect(result.output.isEmpty)
            }
            chmod("\(host.directory)/password", 0o644)
            let open = try program.run(registerArguments(host))
            #expect(open.status == 77)
            #expect(open.errors.contains("run chmod 600"))
        }
    }

    @Test func `on a terminal what is missing is asked for, and the password is not shown`() throws {
        try with { host, program in
            let terminal = try Terminal()
            let running = try program.start(
                ["register", "--pad", host.padDirectory], environment: [], configuration: "\(host.directory)/empty.conf", terminal: terminal
            )
            defer { running.kill() }
            try terminal.answer("The customer's account ID: ", with: "account-1")
            try terminal.answer("The controller's fingerprint (SHA256:…): ", with: "\(host.controller.fingerprint)")
            try terminal.answer("The customer's domain: ", with: "production")
            try terminal.answer("The user who registers this host: ", with: "alice")
            try terminal.answer("Password of alice: ", with: "correct")
            let result = try running.wait(controller: host.controller)
            terminal.readWhatIsThere()
            #expect(result.status == 0, "\(terminal.shown)")
            #expect(String(decoding: result.output, as: UTF8.self).hasPrefix("accepted: this host is host-7 of account-1\n"))
            #expect(terminal.shown.contains("production") && !terminal.shown.contains("correct"))
            #expect(terminal.echoes)
        }
    }

    @Test func `a password prompt that is broken off leaves the terminal as it was`() throws {
        try with { host, program in
            let terminal = try Terminal()
            let running = try program.start(
                registerArguments(host).filter { $0 != "--password-file" && $0 != "\(host.directory)/password" }, environment: [],
                configuration: "\(host.directory)/empty.conf", terminal: terminal)
            defer { running.kill() }
            try terminal.wait(for: "Password of alice: ")
            #expect(!terminal.echoes)
            running.send(SIGTERM)
            let result = try running.wait(controller: host.controller)
            #expect(result.signal == SIGTERM)
            #expect(terminal.echoes)
        }
    }

    @Test func `a second daemon on one state directory refuses, and one with nothing registered says so`() throws {
        try with { host, program in
            let listener = try DatagramSocket("\(host.directory)/notify")
            let daemon = try program.start(
                ["run"], environment: ["NOTIFY_SOCKET=\(host.directory)/notify"], configuration: "\(host.directory)/empty.conf")
            defer { daemon.kill() }
            #expect(try listener.wait(for: "READY=1"))
            let second = try program.run(["run"])
            #expect(second.status == 75)
            #expect(second.errors.contains("another quartermaster-agent run works on \(host.stateDirectory.path)"), "\(second.errors)")
            // Commands go on beside the daemon.
            #expect(try program.run(registerArguments(host)).status == 0)
            daemon.send(SIGTERM)
            let first = try daemon.wait(controller: host.controller)
            #expect(first.status == 0)
            #expect(first.errors.contains("nothing is registered under \(host.stateDirectory.path)"), "\(first.errors)")
            // The lock goes with the process.
            let third = try program.start(
                ["run"], environment: ["NOTIFY_SOCKET=\(host.directory)/notify"], configuration: "\(host.directory)/empty.conf")
            defer { third.kill() }
            #expect(try listener.wait(for: "READY=1"))
        }
    }

    @Test func `the daemon tells it is ready, survives a bad configuration, and stops on SIGTERM`() throws {
        try with { host, program in
            let configuration = "\(host.directory)/agent.conf"
            try replaceFile(configuration, with: Array("[reporting]\ninterval = 1h\n".utf8))
            _ = try program.run(registerArguments(host))
            let listener = try DatagramSocket("\(host.directory)/notify")
            let daemon = try program.start(
                ["run"], environment: ["NOTIFY_SOCKET=\(host.directory)/notify", "JOURNAL_STREAM=1:2"], configuration: configuration)
            defer { daemon.kill() }
            #expect(try listener.wait(for: "READY=1"))
            try replaceFile(configuration, with: Array("[reporting]\ninterval = never\n".utf8))
            daemon.send(SIGHUP)
            #expect(try listener.wait(for: "RELOADING=1"))
            #expect(try listener.wait(for: "READY=1"))
            daemon.send(SIGTERM)
            #expect(try listener.wait(for: "STOPPING=1"))
            let result = try daemon.wait(controller: host.controller)
            #expect(result.status == 0)
            let told = "<3>the configuration stays as it was: \(configuration):2: reporting.interval: \"never\" is not allowed"
            #expect(result.errors.contains(told), "\(result.errors)")
        }
    }

    @Test func `in the journal a message has its priority, its name and what it is about`() throws {
        try with { host, program in
            _ = try program.run(registerArguments(host))
            let journal = try DatagramSocket("\(host.directory)/journal")
            try host.controller.instruct(.setInterval(seconds: 5), to: host.state().key.fingerprint, now: HostClock.system.now())
            let daemon = try program.start(
                ["run"], environment: ["JOURNAL_STREAM=own", "QUARTERMASTER_JOURNAL=\(host.directory)/journal"],
                configuration: "\(host.directory)/empty.conf")
            defer { daemon.kill() }
            try host.controller.pass(now: HostClock.system.now())
            let datagram = try #require(journal.next())
            let fields = String(decoding: datagram, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(fields.first?.hasPrefix("MESSAGE=instruction set-interval on the pad ") == true, "\(fields)")
            #expect(fields.contains("PRIORITY=6") && fields.contains("SYSLOG_IDENTIFIER=quartermaster-agent"))
            #expect(fields.contains("QUARTERMASTER_INSTRUCTION=set-interval") && fields.contains("QUARTERMASTER_OUTCOME=done"))
            #expect(fields.contains("QUARTERMASTER_PAD=\(host.padDirectory)"))
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: host.controller).errors == "")
        }
    }
}
