import Files
import Glibc
import Messages
import Testing

@testable import AgentCore

/// Daemon and root helper as real programs, with a socket between them.
@Suite(.serialized) struct HelperTests {
    /// Two SCSI hosts whose scan files can be written, below a root that only the helper is given.
    private func makeBuses(_ root: String) throws {
        for name in ["host0", "host1"] {
            try makeDirectories("\(root)/sys/class/scsi_host/\(name)", mode: 0o755)
            try replaceFile("\(root)/sys/class/scsi_host/\(name)/scan", with: [], mode: 0o200)
        }
    }

    private func scanned(_ root: String, _ name: String) throws -> String {
        String(decoding: try readFile("\(root)/sys/class/scsi_host/\(name)/scan"), as: UTF8.self)
    }

    private func acknowledgement(_ fixture: ProgramFixture) throws -> Acknowledgement {
        let controller = fixture.host.controller
        let id = try controller.instruct(.rescan, to: fixture.host.state().key.fingerprint, now: HostClock.system.now())
        let report = try fixture.run(["report", "--wait"])
        #expect(report.status == 0, "\(report.errors)")
        try controller.pass(now: HostClock.system.now())
        return try #require(controller.acknowledged[id])
    }

    @Test func `a scan that the controller ordered is done by the helper, which root told whom to believe`() throws {
        try ProgramFixture.with { fixture in
            let other = "\(fixture.host.directory)/machine"
            try makeBuses(other)
            try fixture.configure(fixture.helperSettings)
            let helper = try fixture.helper(root: other)
            defer { helper.stop() }
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            let acknowledged = try acknowledgement(fixture)
            #expect(acknowledged.outcome == .done)
            #expect(acknowledged.detail == "2 SCSI hosts scanned")
            #expect(try scanned(other, "host0") == "- - -" && scanned(other, "host1") == "- - -")
        }
    }

    @Test func `a scan by a controller that root did not name is refused, and the refusal says what to do`() throws {
        try ProgramFixture.with { fixture in
            let other = "\(fixture.host.directory)/machine"
            try makeBuses(other)
            try fixture.configure(fixture.helperSettings)
            let helper = try fixture.helper(root: other)
            defer { helper.stop() }
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            let key = fixture.host.controller.fingerprint
            #expect(unlink("\(fixture.host.directory)/trust/\(key.hexadecimal).json") == 0)
            let acknowledged = try acknowledgement(fixture)
            #expect(acknowledged.outcome == .refused)
            #expect(acknowledged.detail?.contains("root never named the controller \(key)") == true)
            #expect(try scanned(other, "host0") == "")
            #expect(fixture.helperLog.contains("a request of user"))
            // The administrator does what it says.
            try fixture.configure(fixture.helperSettings + "[registration]\ncontroller-key = \(key)\n")
            #expect(try acknowledgement(fixture).outcome == .done)
            #expect(try scanned(other, "host0") == "- - -")
        }
    }

    @Test func `without a helper the daemon works, says so once, and status says what to do`() throws {
        try ProgramFixture.with { fixture in
            try fixture.configure(fixture.helperSettings + "[reporting]\ninterval = 1s\n")
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let count = fixture.host.controller.taken.count
            #expect(
                try daemon.wait(controller: fixture.host.controller) {
                    try fixture.host.stateDirectory.daemonReport()?.helper != .unused && fixture.host.controller.taken.count > count
                })
            let before = try fixture.host.state().counters.answered
            try fixture.write("etc/machine-id", "1123456789abcdef0123456789abcdef\n")
            #expect(try daemon.wait(controller: fixture.host.controller) { try fixture.host.state().counters.answered > before })
            let status = try fixture.run(["status"])
            #expect(String(decoding: status.output, as: UTF8.self).contains("problem: the root helper is missing"), "\(status.errors)")
            #expect(String(decoding: status.output, as: UTF8.self).contains("quartermaster-agent-helper.socket"))
            daemon.send(SIGTERM)
            let ended = try daemon.wait(controller: fixture.host.controller)
            #expect(ended.status == 0)
            #expect(ended.errors.split(separator: "\n").count { $0.contains("the root helper does not answer") } == 1, "\(ended.errors)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to become another user"))
    func `a daemon that may not read the initiator's name is told it by the helper`() throws {
        try ProgramFixture.with { fixture in
            try fixture.write("etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:secretive\n", mode: 0o600)
            try fixture.giveState(to: 65_534)
            try fixture.configure(fixture.helperSettings)
            let helper = try fixture.helper()
            defer { helper.stop() }
            let registration = try register(fixture)
            #expect(registration.inventory.initiators.map(\.iqn?.description) == ["iqn.1993-08.org.debian:01:secretive"])
            var status = stat()
            #expect(stat(try fixture.host.registration().path, &status) == 0 && status.st_uid == 65_534)
            #expect(helper.count > 0)
        }
    }

    /// As root, which reads the password's file and then acts as the state's owner. What the controller was sent.
    private func register(_ fixture: ProgramFixture) throws -> Registration {
        let registered = try fixture.run(fixture.registerArguments)
        #expect(registered.status == 0, "\(registered.errors)")
        guard case .registration(let registration) = fixture.host.controller.messages(.registration).first?.body else {
            throw NoRegistration()
        }
        return registration
    }

    private struct NoRegistration: Error {}

    @Test(.enabled(if: geteuid() == 0, "takes root, to become another user"))
    func `registering as root needs no helper for the initiator's name`() throws {
        try ProgramFixture.with { fixture in
            try fixture.write("etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:secretive\n", mode: 0o600)
            try fixture.giveState(to: 65_534)
            let registration = try register(fixture)
            #expect(registration.inventory.initiators.map(\.iqn?.description) == ["iqn.1993-08.org.debian:01:secretive"])
            #expect(registration.inventory.problems.isEmpty)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to become another user"))
    func `somebody who is not the daemon is answered nothing`() throws {
        try ProgramFixture.with { fixture in
            try fixture.write("etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:secretive\n", mode: 0o600)
            try fixture.giveState(to: 65_534)
            try fixture.configure(fixture.helperSettings)
            let helper = try fixture.helper(user: "daemon")
            defer { helper.stop() }
            let registered = try fixture.run(fixture.registerArguments)
            #expect(registered.status == 0)
            #expect(registered.errors.contains("user 65534 may not ask"), "\(registered.errors)")
        }
    }

    @Test func `a helper that no service manager started says what it is for`() throws {
        try ProgramFixture.with { fixture in
            let result = try fixture.run(["helper"])
            #expect(result.status == 64)
            #expect(result.errors.contains("this command is the service manager's"), "\(result.errors)")
        }
    }
}
