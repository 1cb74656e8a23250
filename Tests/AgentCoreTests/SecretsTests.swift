import Files
import Glibc
import Messages
import Testing

@testable import AgentCore

/// Secrets are planted wherever the agent comes near one, and everything that it leaves behind is searched for them.
@Suite(.serialized) struct SecretsTests {
    private static let password = "planted-password-7391"
    private static let token = "planted-token-5527"
    private static let chap = ["planted-chap-out-1448", "planted-chap-in-9026"]
    private static var all: [String] { [password, token] + chap }

    /// open-iscsi's configuration, a record and a session with CHAP both ways.
    private func plant(_ fixture: ProgramFixture) throws {
        let lines = """
            node.session.auth.authmethod = CHAP
            node.session.auth.username = out
            node.session.auth.password = \(Self.chap[0])
            node.session.auth.username_in = in
            node.session.auth.password_in = \(Self.chap[1])

            """
        try fixture.write("etc/iscsi/iscsid.conf", lines, mode: 0o600)
        try fixture.write("etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:abc\n", mode: 0o600)
        try fixture.write("etc/iscsi/nodes/iqn.2026-11.example:t1/10.0.0.1,3260,1/default", lines, mode: 0o600)
        try fixture.write("var/lib/iscsi/nodes/iqn.2026-11.example:t1/10.0.0.1,3260,1/default", lines, mode: 0o600)
        let session = "sys/class/iscsi_session/session1"
        for (name, value) in [
            ("targetname", "iqn.2026-11.example:t1"), ("state", "LOGGED_IN"), ("username", "out"), ("username_in", "in"),
            ("password", Self.chap[0]), ("password_in", Self.chap[1]),
        ] {
            try fixture.write("\(session)/\(name)", "\(value)\n")
        }
        try replaceFile(fixture.password, with: Array("\(Self.password)\n".utf8))
        try replaceFile("\(fixture.host.directory)/etc/token", with: Array("\(Self.token)\n".utf8))
        let controller = fixture.host.controller
        controller.decide = { [unowned controller] message in
            guard case .registration(var registration) = message.body else {
                return controller.usualDecision(message, now: HostClock.system.now())
            }
            switch registration.credential {
            case .password(let user, let password) where password == Array(Self.password.utf8):
                registration.credential = .password(user: user, password: Array("correct".utf8))
            case .token(let token) where token == Array(Self.token.utf8): registration.credential = .token(Array("correct".utf8))
            default: break
            }
            return controller.usualDecision(
                Message(envelope: message.envelope, body: .registration(registration)), now: HostClock.system.now())
        }
    }

    /// The files below a directory that hold one of the secrets; those in which they were planted are not looked into.
    private func found(in directory: String, except planted: Set<String>) throws -> [String] {
        var found: [String] = []
        for name in try FileDescriptor(directory: directory).names() {
            let path = "\(directory)/\(name)"
            if planted.contains(path) { continue }
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                found += try self.found(in: path, except: planted)
            } else if status.st_mode & S_IFMT == S_IFREG {
                let text = String(decoding: try readFile(path, limit: 64 << 20), as: UTF8.self)
                for secret in Self.all where text.contains(secret) { found.append("\(secret) in \(path)") }
            }
        }
        return found
    }

    private func expectNone(_ text: String, _ what: String) {
        for secret in Self.all { #expect(!text.contains(secret), "\(secret) in \(what)") }
    }

    @Test func `no secret is in a log, the state, the metrics, an argument, the environment, or on the pad`() throws {
        try ProgramFixture.with { fixture in
            let host = fixture.host
            try plant(fixture)
            let metrics = "\(host.directory)/metrics.prom"
            try fixture.configure(
                fixture.helperSettings
                    + "log-level = debug\n[registration]\nlevel = 4\n[reporting]\ninterval = 1s\n[metrics]\ntextfile = \(metrics)\n")
            let helper = try fixture.helper()
            defer { helper.stop() }
            // By itself, with the password; the daemon runs on.
            try fixture.dropRegistration()
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let isRegistered = try daemon.wait(controller: host.controller) {
                expectNone(String(decoding: try readFile("/proc/\(daemon.number)/cmdline"), as: UTF8.self), "the arguments")
                expectNone(String(decoding: try readFile("/proc/\(daemon.number)/environ"), as: UTF8.self), "the environment")
                return access(fixture.password, F_OK) != 0 && access(metrics, F_OK) == 0
            }
            #expect(isRegistered, "\(daemon.messages)")
            // By a person, with a token, and one that is wrong.
            let token = [
                "register", "--pad", host.padDirectory, "--account", "account-2", "--token-file", "\(host.directory)/etc/token",
                "--controller-key", "\(host.controller.fingerprint)",
            ]
            var said = ""
            for arguments in [
                token, ["status"], ["status", "--format", "json"], ["report", "--wait"], ["check-config"], fixture.inventory,
            ] {
                let result = try fixture.run(arguments)
                #expect(result.status == 0, "\(arguments): \(result.errors)")
                said += String(decoding: result.output, as: UTF8.self) + result.errors
            }
            // In a file of its own: the daemon removes that of register.conf.
            let wrong = "\(host.directory)/etc/wrong"
            try replaceFile(wrong, with: Array("\(Self.password)-wrong\n".utf8))
            let refused = try fixture.run(fixture.registerArguments.map { $0 == fixture.password ? wrong : $0 })
            #expect(refused.status == 77)
            said += String(decoding: refused.output, as: UTF8.self) + refused.errors
            expectNone(said, "what commands said")
            expectNone(daemon.messages, "the daemon's log")
            let planted: Set = [
                fixture.password, wrong, "\(host.directory)/etc/token", "\(fixture.root)/etc/iscsi", "\(fixture.root)/var/lib/iscsi",
                "\(fixture.root)/sys/class/iscsi_session",
            ]
            #expect(try found(in: host.directory, except: planted) == [])
            // The search finds what is there.
            #expect(try found(in: host.directory, except: []).count > 4)
        }
    }
}
