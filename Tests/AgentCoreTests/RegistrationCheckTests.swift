import Files
import Glibc
import Testing

@testable import AgentCore

/// What check-config says of a register.conf, beside what the daemon does with it.
@Suite(.serialized) struct RegistrationCheckTests {
    private func check(_ fixture: ProgramFixture) throws -> (status: Int32, text: String) {
        let result = try fixture.run(["check-config"])
        return (result.status, String(decoding: result.output, as: UTF8.self) + result.errors)
    }

    private func conf(_ fixture: ProgramFixture) -> String { "\(fixture.host.directory)/etc/register.conf" }

    @Test func `a file with nothing wrong has no fault, before and after the registration`() throws {
        try ProgramFixture.with { fixture in
            try fixture.dropRegistration()
            let before = try check(fixture)
            #expect(before.status == 0 && before.text.contains("no fault"), "\(before.text)")
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            // As the daemon does.
            #expect(unlink(fixture.password) == 0)
            let after = try check(fixture)
            #expect(after.status == 0, "\(after.text)")
        }
    }

    @Test func `a secret that is not there, or open to others, or no file, is a fault`() throws {
        try ProgramFixture.with { fixture in
            try fixture.dropRegistration()
            func expect(_ words: String) throws {
                let found = try check(fixture)
                #expect(found.status == 78 && found.text.contains("register.conf: registration.password-file: "), "\(found.text)")
                #expect(found.text.contains(words), "\(found.text)")
            }
            #expect(chmod(fixture.password, 0o644) == 0)
            try expect("has mode 644, which lets others at it; allowed: mode 0600; run chmod 600 \(fixture.password)")
            #expect(unlink(fixture.password) == 0)
            try expect("\(fixture.password) is not there; allowed: a file of mode 0600")
            #expect(symlink("/etc/hostname", fixture.password) == 0)
            try expect("is a symbolic link, which is not followed")
            #expect(unlink(fixture.password) == 0 && mkfifo(fixture.password, 0o600) == 0)
            try expect("is not a regular file")
            #expect(unlink(fixture.password) == 0)
            try replaceFile(fixture.password, with: [1])
            #expect(chmod("\(fixture.host.directory)/etc", 0o777) == 0)
            try expect("its mode 777 lets others write to it; run chmod go-w \(fixture.host.directory)/etc")
        }
    }

    @Test func `whatever the agent refuses of the secret is a fault: its path, an empty file, a large one`() throws {
        try ProgramFixture.with { fixture in
            func expect(_ path: String, _ words: String) throws {
                try fixture.dropRegistration(passwordFile: path)
                #expect(throws: AgentError.self) { try PrivilegedSecret(path).read() }
                let found = try check(fixture)
                #expect(found.status == 78 && found.text.contains("\(path) \(words)"), "\(found.text)")
            }
            let etc = "\(fixture.host.directory)/etc"
            try expect(
                "\(etc)/../etc/password",
                "is not believed: .. is in its path; give the path without; allowed: an absolute path without . and ..")
            try expect("\(etc)/./password", "is not believed: . is in its path")
            for empty in ["", "\n"] {
                try replaceFile(fixture.password, with: Array(empty.utf8))
                try expect(fixture.password, "is empty; allowed: the secret, and nothing else")
            }
            for size in [1_025, 100_000] {
                try replaceFile(fixture.password, with: [UInt8](repeating: 0x61, count: size))
                try expect(fixture.password, "is larger than 1024 bytes")
                // The controller takes no more either.
                #expect(throws: AgentError.file(.tooLarge(path: fixture.password, limit: size == 1_025 ? 1_024 : 1_025))) {
                    try Secret(file: fixture.password)
                }
            }
            try replaceFile(fixture.password, with: [UInt8](repeating: 0x61, count: 1_024) + [0x0A])
            #expect(try check(fixture).status == 0)
            #expect(try PrivilegedSecret(fixture.password).read().count == 1_024)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to give the state to another user"))
    func `a directory that the daemon's user may not enter is a fault, of its own secret too`() throws {
        try ProgramFixture.with { fixture in
            try fixture.giveState(to: 65_534)
            let closed = "\(fixture.host.directory)/closed"
            try makeDirectories(closed, mode: 0o700)
            try replaceFile("\(closed)/password", with: Array("correct\n".utf8))
            try fixture.dropRegistration(passwordFile: "\(closed)/password")
            // Root's, which the helper reads.
            #expect(try check(fixture).status == 0)
            #expect(chown("\(closed)/password", 65_534, 65_534) == 0)
            let secret = try check(fixture)
            let words = "\(closed)/password stands in \(closed), which the daemon, user 65534, may not enter"
            #expect(secret.status == 78 && secret.text.contains(words), "\(secret.text)")
            #expect(chown(closed, 65_534, 65_534) == 0)
            let own = try check(fixture)
            #expect(own.status == 0, "\(own.text)")
            #expect(chmod("\(fixture.host.directory)/etc", 0o700) == 0)
            let file = try check(fixture)
            #expect(file.status == 78 && file.text.contains("it may not enter \(fixture.host.directory)/etc"), "\(file.text)")
            #expect(chmod("\(fixture.host.directory)/etc", 0o755) == 0 && chmod(fixture.configuration, 0o600) == 0)
            let configuration = try check(fixture)
            #expect(configuration.status == 78, "\(configuration.text)")
            #expect(configuration.text.contains("agent.conf: cannot be read by the daemon, which runs as user 65534: its mode is 600"))
        }
    }

    @Test func `password and token together are a fault, for the daemon too`() throws {
        try ProgramFixture.with { fixture in
            try fixture.dropRegistration(more: "token-file = \(fixture.password)")
            let found = try check(fixture)
            let text = "registration.token-file: is given together with password-file; allowed: one of the two"
            #expect(found.status == 78 && found.text.contains(text), "\(found.text)")
            #expect(throws: AgentError.self) { try RegistrationFile.load(conf(fixture), over: AgentConfiguration()) }
        }
    }

    @Test func `a file that is not believed is one fault among the others, in JSON too`() throws {
        try ProgramFixture.with { fixture in
            try fixture.configure("[reporting]\ninterval = never\n")
            try fixture.dropRegistration()
            #expect(chmod(conf(fixture), 0o666) == 0)
            let found = try check(fixture)
            #expect(found.status == 78)
            #expect(found.text.contains("agent.conf:2: reporting.interval") && found.text.contains("its mode 666 lets others write to it"))
            #expect(found.text.contains("run chmod go-w \(conf(fixture))") && !found.text.contains("secret"), "\(found.text)")
            let document = try fixture.run(["check-config", "--format", "json"])
            #expect(document.status == 78 && String(decoding: document.output, as: UTF8.self).contains("lets others write to it"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to give the state to another user"))
    func `a file that the daemon's user cannot read is a fault`() throws {
        try ProgramFixture.with { fixture in
            try fixture.giveState(to: 65_534)
            try fixture.dropRegistration()
            #expect(chmod(conf(fixture), 0o600) == 0)
            let found = try check(fixture)
            #expect(found.status == 78, "\(found.text)")
            #expect(found.text.contains("cannot be read by the daemon, which runs as user 65534: its mode is 600"), "\(found.text)")
            #expect(found.text.contains("run chmod 644 \(conf(fixture))"))
        }
    }

    // MARK: The secret's file

    @Test func `a FIFO in the place of the password keeps the daemon from nothing`() throws {
        try ProgramFixture.with { fixture in
            #expect(unlink(fixture.password) == 0 && mkfifo(fixture.password, 0o600) == 0)
            try fixture.dropRegistration()
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let words = "\(fixture.password) is not a regular file"
            #expect(try daemon.wait(controller: fixture.host.controller) { daemon.messages.contains(words) }, "\(daemon.messages)")
            #expect(try daemon.wait(controller: fixture.host.controller) { try fixture.host.stateDirectory.daemonReport() != nil })
            let status = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
            #expect(status.hasPrefix("attention: 1 problem; not registered") && status.contains(words), "\(status)")
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: fixture.host.controller).status == 0)
        }
    }

    @Test func `a secret is read and removed only where root alone can have put it`() throws {
        try TestHost.with { host in
            try makeDirectories("\(host.directory)/real")
            try replaceFile("\(host.directory)/real/secret", with: Array("s\n".utf8))
            #expect(symlink("real", "\(host.directory)/link") == 0)
            let linked = PrivilegedSecret("\(host.directory)/link/secret")
            let refusal = AgentError.notTrusted(
                path: "\(host.directory)/link", reason: "it is a symbolic link; give the path that it leads to")
            #expect(throws: refusal) { try linked.read() }
            #expect(throws: refusal) { try linked.remove() }
            let secret = PrivilegedSecret("\(host.directory)/real/secret")
            #expect(try secret.read() == Array("s".utf8))
            #expect(chmod("\(host.directory)/real", 0o770) == 0)
            #expect(throws: AgentError.self) { try secret.read() }
            #expect(throws: AgentError.self) { try secret.remove() }
            #expect(chmod("\(host.directory)/real", 0o700) == 0)
            if geteuid() == 0 {
                #expect(chown(secret.path, 65_534, 65_534) == 0)
                #expect(throws: AgentError.self) { try secret.read() }
                #expect(chown(secret.path, 0, 0) == 0)
            }
            #expect(try secret.remove() == .removed(nil))
            #expect(access(secret.path, F_OK) != 0)
            #expect(try secret.remove() == .absent)
        }
    }

    @Test func `whatever stands in the place of a secret is removed, and links are told`() throws {
        try TestHost.with { host in
            let secret = PrivilegedSecret("\(host.directory)/secret")
            #expect(mkfifo(secret.path, 0o600) == 0)
            #expect(try secret.remove() == .removed(nil))
            try replaceFile("\(host.directory)/other", with: Array("s".utf8))
            #expect(symlink("other", secret.path) == 0)
            #expect(try secret.remove().rest?.contains("it was a symbolic link") == true)
            #expect(try readFile("\(host.directory)/other") == Array("s".utf8))
            #expect(link("\(host.directory)/other", secret.path) == 0)
            #expect(try secret.remove().rest?.contains("another name of it") == true)
            #expect(try readFile("\(host.directory)/other") == Array("s".utf8))
        }
    }

    @Test func `a helper that cannot hand the secret over leaves what it believes as it is`() throws {
        try ProgramFixture.with { fixture in
            try fixture.configure(fixture.helperSettings)
            try fixture.dropRegistration()
            let key = fixture.host.controller.fingerprint
            let trust = TrustDirectory("\(fixture.host.directory)/trust")
            let server = PrivilegedServer(
                user: "nobody", configurationPath: fixture.configuration, root: fixture.root,
                log: Log(level: .error, hasPrefixes: false) { _ in })
            // Nobody can have accepted what was never handed over.
            #expect(server.answer(to: PrivilegedRequest.removeRegistrationSecret.jsonBytes).outcome == .refused)
            #expect(access(fixture.password, F_OK) == 0)
            #expect(server.answer(to: PrivilegedRequest.registrationSecret.jsonBytes).outcome == .done)
            var entry = try #require(try trust.load(key))
            entry.hostName = "host-7/account-1"
            try trust.save(entry)
            // Asked again, with the secret still there and without.
            #expect(server.answer(to: PrivilegedRequest.registrationSecret.jsonBytes).outcome == .done)
            #expect(try trust.load(key) == entry)
            #expect(unlink(fixture.password) == 0)
            #expect(server.answer(to: PrivilegedRequest.registrationSecret.jsonBytes).outcome == .failed)
            #expect(try trust.load(key) == entry)
            // Root writes a new secret.
            try replaceFile(fixture.password, with: Array("new".utf8))
            #expect(server.answer(to: PrivilegedRequest.registrationSecret.jsonBytes).outcome == .done)
            #expect(try trust.load(key)?.hostName == nil)
            #expect(server.answer(to: PrivilegedRequest.removeRegistrationSecret.jsonBytes).outcome == .done)
            #expect(access(fixture.password, F_OK) != 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "takes root, to give the state to another user"))
    func `a secret where the units cannot see it is a warning, with what to do, and no fault`() throws {
        try ProgramFixture.with { fixture in
            let folder = "/tmp/quartermaster-secret.\(UInt64.random(in: 0 ... .max))"
            try makeDirectories(folder, mode: 0o700)
            defer { TestHost.removeTree(folder) }
            try replaceFile("\(folder)/password", with: Array("correct\n".utf8))
            try fixture.dropRegistration(passwordFile: "\(folder)/password")
            // Here root itself runs the agent, without a unit.
            #expect(try !check(fixture).text.contains("warning"))
            try fixture.giveState(to: 65_534)
            let found = try check(fixture)
            let words = """
                warning: \(conf(fixture)): registration.password-file: \(folder)/password \
                is hidden from the service, whose units have PrivateTmp=yes; allowed: a path below /etc/quartermaster, unless a drop-in of yours shows it to the units (man systemd.exec)

                """
            #expect(found.status == 0 && found.text.contains(words) && found.text.contains("no fault"), "\(found.text)")
            let json = try fixture.run(["check-config", "--format", "json"])
            #expect(json.status == 0 && String(decoding: json.output, as: UTF8.self).contains("PrivateTmp=yes"))
        }
    }

    @Test(
        arguments: [
            ("/tmp/password", nil, "PrivateTmp=yes"), ("//var//tmp/a/password", 65_534, "PrivateTmp=yes"),
            ("/root/password", 0, "ProtectHome=yes"),
            ("/home/alice/password", nil, "ProtectHome=yes"), ("/run/user/0/password", nil, "ProtectHome=yes"),
            ("/home/agent/password", 65_534, "read-only"), ("/srv/password", 0, "read-only"), ("/srv/password", 65_534, nil),
            ("/etc/password", 65_534, "read-only"), ("/etc/quartermaster/password", nil, nil), ("/etc/quartermaster/a/b", 65_534, nil),
            ("/tmpfiles/password", 65_534, nil), ("/etc/quartermaster2/password", 0, "read-only"),
        ] as [(String, uid_t?, String?)])
    func `what the units hide is told by its path and its owner`(path: String, owner: uid_t?, words: String?) throws {
        let trouble = ShippedUnits.trouble(secret: path, owner: owner, daemon: 65_534)
        if let words { #expect(trouble?.contains(words) == true, "\(trouble ?? "nothing")") } else { #expect(trouble == nil) }
    }
}
