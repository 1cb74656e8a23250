import Files
import Glibc
import Identifiers
import Messages
import Testing

@testable import AgentCore

/// A dropped register.conf, and the running daemon.
@Suite(.serialized) struct UnattendedRegistrationTests {
    @Test func `a running daemon sees the file, registers, removes the password, and reports`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: controller) { daemon.messages.contains("nothing is registered") })
            try fixture.dropRegistration()
            #expect(try daemon.wait(controller: controller) { access(fixture.password, F_OK) != 0 }, "\(daemon.messages)")
            #expect(try fixture.host.state().phase == .registered)
            #expect(try daemon.wait(controller: controller) { !controller.messages(.freeSpace).isEmpty }, "\(daemon.messages)")
            let status = try fixture.run(["status", "--format", "json"])
            #expect(
                String(decoding: status.output, as: UTF8.self).contains("\"state\":\"ok\""),
                "\(String(decoding: status.output, as: UTF8.self))")
            daemon.send(SIGTERM)
            let ended = try daemon.wait(controller: controller)
            #expect(ended.errors.contains("registered as host-7; removed \(fixture.password)"))
            #expect(controller.messages(.registration).count == 1)
            // A second run of the configuration management changes nothing, and leaves no password behind.
            try replaceFile(fixture.password, with: Array("correct\n".utf8))
            let again = try fixture.start()
            defer { again.kill() }
            #expect(try again.wait(controller: controller) { access(fixture.password, F_OK) != 0 })
            #expect(controller.messages(.registration).count == 1)
        }
    }

    @Test func `a refusal is told once with what to do, and a changed password is tried`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            try fixture.configure("[reporting]\ninterval = 1s\n")
            try replaceFile(fixture.password, with: Array("wrong\n".utf8))
            try fixture.dropRegistration()
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: controller) { daemon.messages.contains("bad-credentials") }, "\(daemon.messages)")
            // It is told in the log first.
            #expect(try daemon.wait(controller: controller) { try fixture.host.stateDirectory.daemonReport()?.registrationTrouble != nil })
            let rounds = try #require(try fixture.host.stateDirectory.daemonReport()?.registrationTrouble)
            #expect(rounds.contains("it is tried again when that file or its secret is changed"))
            let status = try fixture.run(["status"])
            #expect(String(decoding: status.output, as: UTF8.self).contains("problem: this host does not get registered: "))
            #expect(access(fixture.password, F_OK) == 0)
            #expect(controller.messages(.registration).count == 1)
            try replaceFile(fixture.password, with: Array("correct\n".utf8))
            #expect(try daemon.wait(controller: controller) { access(fixture.password, F_OK) != 0 }, "\(daemon.messages)")
            #expect(try fixture.host.state().phase == .registered)
            #expect(controller.messages(.registration).count == 2)
            daemon.send(SIGTERM)
            let errors = try daemon.wait(controller: controller).errors
            #expect(errors.split(separator: "\n").count { $0.contains("the controller refuses the registration that") } == 1, "\(errors)")
        }
    }

    @Test func `the password stays until the controller has accepted, across a crash too`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            controller.isAway = true
            try fixture.dropRegistration()
            for step in ["message-recorded", "message-published", "effect-recorded"] {
                if step == "effect-recorded" { controller.isAway = false }
                let daemon = try fixture.start(environment: ["QUARTERMASTER_CRASH_AT=\(step)"])
                defer { daemon.kill() }
                #expect(try daemon.wait(controller: controller).signal == SIGKILL, "\(step)")
                #expect(access(fixture.password, F_OK) == 0, "\(step)")
            }
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: controller) { access(fixture.password, F_OK) != 0 })
            #expect(controller.messages(.registration).count == 1)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to become another user"))
    func `a daemon of its own user registers with root's password, which the helper hands over and removes`() throws {
        try ProgramFixture.with { fixture in
            let controller = fixture.host.controller
            try fixture.giveState(to: 65_534)
            try fixture.configure(fixture.helperSettings)
            try fixture.dropRegistration()
            let helper = try fixture.helper()
            defer { helper.stop() }
            let daemon = try fixture.start()
            defer { daemon.kill() }
            var status = stat()
            #expect(stat("/proc/\(daemon.number)", &status) == 0)
            #expect(
                try daemon.wait(controller: controller) { access(fixture.password, F_OK) != 0 },
                "\(daemon.messages) \(fixture.helperLog)")
            #expect(stat("/proc/\(daemon.number)", &status) == 0 && status.st_uid == 65_534)
            #expect(try fixture.host.state().phase == .registered)
            // Root named the controller in register.conf: its orders are carried out from now on.
            #expect(try TrustDirectory("\(fixture.host.directory)/trust").load(controller.fingerprint) != nil)
        }
    }

    /// A register.conf that asks for a registration with the password beside it.
    private func registrationFile(_ host: TestHost) -> [UInt8] {
        let text = """
            [registration]
            pad = \(host.padDirectory)
            account = account-1
            domain = production
            user = alice
            password-file = \(host.directory)/password
            controller-key = \(host.controller.fingerprint)

            """
        return Array(text.utf8)
    }

    /// Rounds on a clock of their own, with a register.conf and its password.
    private func live(
        _ host: TestHost, _ duration: Duration, _ rounds: inout Rounds?, password: String? = nil,
        configuration: AgentConfiguration = AgentConfiguration()
    ) throws {
        let file = "\(host.directory)/register.conf"
        if access(file, F_OK) != 0 { try replaceFile(file, with: registrationFile(host)) }
        if let password { try replaceFile("\(host.directory)/password", with: Array(password.utf8)) }
        var current =
            rounds
            ?? Rounds(
                stateDirectory: host.stateDirectory, configuration: configuration, context: host.context, registrationFile: file)
        try AgentCoreTests.live(&current, host, duration)
        rounds = current
    }

    @Test func `what may tell the controller what nobody meant is not sent until the configuration is mended`() throws {
        try TestHost.with { host in
            var (rounds, configuration): (Rounds?, AgentConfiguration) = (nil, AgentConfiguration())
            configuration.registrationFaults = [
                ConfigurationFault(file: "agent.conf", line: 2, key: "registration.level", reason: "is odd", allowed: nil)
            ]
            try live(host, .seconds(600), &rounds, password: "correct", configuration: configuration)
            #expect(host.controller.messages(.registration).isEmpty)
            #expect(rounds?.registrationTrouble == "agent.conf:2: registration.level: is odd")
            rounds?.configure(AgentConfiguration())
            try live(host, .seconds(600), &rounds)
            #expect(try host.state().phase == .registered)
            // Of a host that is registered nothing waits.
            rounds?.configure(configuration)
            try live(host, .seconds(600), &rounds)
            #expect(rounds?.registrationTrouble == nil)
        }
    }

    @Test func `a refusal that came while the clock was ahead does not hold off a mended password`() throws {
        try TestHost.with(now: HostClock.system.now() + .seconds(365 * 86_400)) { host in
            var rounds: Rounds?
            try live(host, .seconds(600), &rounds, password: "wrong")
            #expect(host.controller.messages(.registration).count == 1)
            #expect(try host.state().phase == .refused)
            try live(host, .seconds(600), &rounds, password: "correct")
            #expect(host.controller.messages(.registration).count == 2)
            #expect(try host.state().phase == .registered)
        }
    }

    @Test func `a file that was written while the clock was ahead is refused once, and not sent again and again`() throws {
        try TestHost.with(now: HostClock.system.now() + .seconds(-365 * 86_400)) { host in
            var rounds: Rounds?
            try live(host, .seconds(1_800), &rounds, password: "wrong")
            #expect(host.controller.messages(.registration).count == 1)
            #expect(rounds?.registrationTrouble?.contains("bad-credentials") == true)
        }
    }

    @Test func `a secret that cannot be removed is told as that, of a host that is registered`() throws {
        try TestHost.with { host in
            var rounds: Rounds?
            try live(host, .seconds(60), &rounds, password: "correct")
            #expect(try host.state().phase == .registered)
            #expect(chmod(host.directory, 0o777) == 0)
            try live(host, .seconds(600), &rounds, password: "correct")
            #expect(rounds?.registrationTrouble == nil)
            let trouble = "\(host.directory)/password cannot be removed: \(host.directory) is not believed: "
            #expect(rounds?.secretTrouble?.hasPrefix(trouble) == true)
            #expect(host.lines.value.withLock { $0.count { $0.contains("registered; the secret's file") } } == 1)
            #expect(chmod(host.directory, 0o700) == 0)
            try live(host, .seconds(600), &rounds)
            #expect(rounds?.secretTrouble == nil && access("\(host.directory)/password", F_OK) != 0)
        }
    }

    @Test(arguments: [
        ("[registration]\npad = relative\n", ["register.conf:2: registration.pad: \"relative\" is not allowed"]),
        ("[agent]\nlog-level = debug\n", ["register.conf:1: [agent]: is no section of this file; allowed: [registration]"]),
        (
            "[registration]\npad = /pad\naccount = account-1\ncontroller-key = SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
            ["registration.domain: is missing", "registration.user: is missing"]
        ),
    ])
    func `faults of the file are told by check-config and by the daemon`(text: String, expected: [String]) throws {
        try ProgramFixture.with { fixture in
            try replaceFile("\(fixture.host.directory)/etc/register.conf", with: Array(text.utf8), mode: 0o644)
            let checked = try fixture.run(["check-config"])
            #expect(checked.status == 78)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: fixture.host.controller) { expected.allSatisfy { daemon.messages.contains($0) } })
            #expect(daemon.messages.contains("unattended registration: "))
            let output = String(decoding: checked.output, as: UTF8.self)
            for line in expected { #expect(output.contains(line), "\(output)") }
        }
    }

    @Test func `the secret is not asked for while the pad is not there`() throws {
        try ProgramFixture.with { fixture in
            let pad = "\(fixture.host.directory)/not-mounted/pad"
            try fixture.dropRegistration(pad: pad)
            // Whoever reads it says that it is too open.
            #expect(chmod(fixture.password, 0o644) == 0)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            #expect(try daemon.wait(controller: fixture.host.controller) { daemon.messages.contains("unattended registration: ") })
            #expect(daemon.messages.contains("unattended registration: the pad \(pad) cannot be used"), "\(daemon.messages)")
            #expect(!daemon.messages.contains(fixture.password))
        }
    }

    @Test func `a file that others may write asks for nothing`() throws {
        try ProgramFixture.with { fixture in
            try fixture.dropRegistration()
            #expect(chmod("\(fixture.host.directory)/etc/register.conf", 0o666) == 0)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let words = "its mode 666 lets others write to it"
            #expect(try daemon.wait(controller: fixture.host.controller) { daemon.messages.contains(words) })
            #expect(fixture.host.controller.messages(.registration).isEmpty)
        }
    }

    @Test func `a secret with nothing in it is asked for more and more seldom, and another one at once`() throws {
        try TestHost.with { host in
            let path = "\(host.directory)/register.conf"
            try replaceFile("\(host.directory)/password", with: [])
            try replaceFile(path, with: registrationFile(host))
            var unattended = UnattendedRegistration(path: path, stateDirectory: host.stateDirectory, context: host.context)
            var attempts = 0
            for _ in 0..<1_800 {
                do throws(AgentError) {
                    #expect(try unattended.look(AgentConfiguration()) == .waiting)
                } catch {
                    attempts += 1
                }
                host.clock.advance(.seconds(2))
            }
            // 0, 30, 90, 210, 450, 930 s, and each ten minutes from then on.
            #expect(attempts == 10)
            try replaceFile("\(host.directory)/password", with: Array("correct\n".utf8))
            #expect(try unattended.look(AgentConfiguration()) == .sent(pad: host.padDirectory, account: try host.account))
        }
    }
}
