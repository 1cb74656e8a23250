import Foundation
import Glibc
import TestSupport
import Testing

/// Customers' users on the controller's machine: another user of it, who has nothing but a login.
@Suite(.enabled(if: geteuid() == 0, "these tests run commands as nobody, which only root may"))
struct LoginTests {
    /// `quartermaster` as the user nobody, with a home of its own.
    private struct Nobody {
        let controller: ControllerProcess
        let home: String
        let program: String

        init(_ controller: ControllerProcess) async throws {
            self.controller = controller
            home = controller.directory + "/nobody"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            // Others may pass, to the socket and to their home, and no further.
            #expect(chmod(controller.directory, 0o711) == 0)
            #expect(chown(home, 65_534, 65_534) == 0)
            // Where it was built, others may not be able to look.
            program = controller.directory + "/quartermaster"
            // By another process: a file that this one writes, a child of another test may hold open, and then it cannot be run.
            let copied = try await Command.run(at: "/bin/cp", ["--reflink=auto", try BuiltProducts.path("quartermaster"), program])
            try #require(copied.status == 0, "\(copied.errors)")
        }

        func run(_ arguments: String...) async throws -> Command { try await run(arguments) }

        func run(_ arguments: [String]) async throws -> Command {
            try await Command.run(
                at: "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", program] + arguments,
                environment: ["QUARTERMASTER_SOCKET": controller.socket, "HOME": home])
        }

        func file(_ name: String, _ text: String) throws -> String {
            let path = try controller.file("nobody/" + name, text)
            #expect(chown(path, 65_534, 65_534) == 0)
            return path
        }

        func refused(_ status: Int32, _ words: String, _ arguments: String..., at: SourceLocation = #_sourceLocation) async throws {
            let result = try await run(arguments)
            #expect(result.status == status, "\(arguments): \(result.errors)", sourceLocation: at)
            #expect(result.errors.contains(words), "\(arguments): \(result.errors)", sourceLocation: at)
            #expect(result.output.isEmpty, "\(arguments): \(result.output)", sourceLocation: at)
        }
    }

    private func with(_ body: (ControllerProcess, Nobody, _ acme: String, _ beta: String) async throws -> Void) async throws {
        try await ControllerProcess.run { controller in
            let acme = try await controller.done("account", "create", "--name", "Acme").string("accountID")
            let beta = try await controller.done("account", "create", "--name", "Beta").string("accountID")
            for account in [acme, beta] {
                _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
                _ = try await controller.done(
                    "contract", "set", "--account", account, "--capacity", "1TiB", "--rate", "gold:GiB-month=0.05")
            }
            let password = try controller.file("password", "correct horse\n")
            _ = try await controller.done(
                "user", "create", "--account", acme, "--domain", "web", "--name", "carol", "--role", "customer-admin", "--password-file",
                password)
            try await body(controller, try await Nobody(controller), acme, beta)
        }
    }

    @Test func anybodyMayConnectAndIsNobodyUntilLoggedIn() async throws {
        try await with { controller, nobody, acme, _ in
            for arguments in [
                ["account", "list"], ["contract", "show", "--account", acme], ["key", "show"], ["backup", nobody.home + "/b"],
            ] {
                let result = try await nobody.run(arguments)
                #expect(result.status == 77, "\(arguments): \(result.errors)")
                #expect(result.errors.contains("is not logged in") && result.errors.contains("quartermaster login"), "\(result.errors)")
            }
            let events = try await controller.done("audit", "list", "--newest-first").list("events")
            let refused = events.filter { $0["action"] as? String == "socket.refuse" }
            #expect(refused.count == 1)
            #expect(refused.first?["outcome"] as? String == "refused")
            #expect((refused.first?["actor"] as? String)?.hasPrefix("local:") == true)
        }
    }

    @Test func aCustomerAdminReadsTheContractMakesATokenAndLogsOut() async throws {
        try await with { controller, nobody, acme, beta in
            let password = try nobody.file("password", "correct horse\n")
            let login = ["login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password]
            let made = try await nobody.run(login + ["--format", "json"])
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.string("role") == "customer-admin" && made.json["token"] == nil)
            let folder = nobody.home + "/.local/state/quartermaster/session"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.count == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + (files.first ?? ""))[.posixPermissions]
            #expect(mode as? Int == 0o600)

            let contract = try await nobody.run("contract", "show", "--account", acme, "--format", "json")
            #expect(contract.json["capacityBytes"] as? Int == 1 << 40, "\(contract.errors)")
            try await nobody.refused(77, "needed is the role provider-admin", "contract", "show", "--account", beta)
            try await nobody.refused(77, "needed is the role provider-admin", "contract", "set", "--account", acme)
            try await nobody.refused(77, "needed is the role provider-admin", "host", "list", "--account", beta)
            try await nobody.refused(77, "needed is the role provider-admin", "host", "show", "host-none")
            for noun in ["host", "association", "domain", "user"] {
                #expect(try await nobody.run(noun, "list").status == 0)
            }

            let token = nobody.home + "/token"
            let enrolment = try await nobody.run("token", "create", "--account", acme, "--domain", "web", "--token-file", token)
            #expect(enrolment.status == 0, "\(enrolment.errors)")
            #expect(try String(contentsOfFile: token, encoding: .utf8).hasPrefix("qmt-"))
            let last = try await controller.done("audit", "list", "--newest-first", "--limit", "1").list("events").first
            #expect((last?["actor"] as? String)?.hasPrefix("user:") == true && last?["action"] as? String == "token.create")

            #expect(try await nobody.run("logout").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            try await nobody.refused(66, "nobody is logged in", "logout")
            try await nobody.refused(77, "is not logged in", "contract", "show", "--account", acme)
        }
    }

    @Test func aHostRegistersWithTheTokenThatACustomerAdminMade() async throws {
        try await with { controller, nobody, acme, _ in
            let password = try nobody.file("password", "correct horse\n")
            #expect(
                try await nobody.run("login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password).status
                    == 0)
            let token = nobody.home + "/token"
            #expect(
                try await nobody.run("token", "create", "--account", acme, "--domain", "web", "--token-file", token).status == 0)
            let host = try await AgentProcess.register(controller, account: acme, ["--token-file", token])
            #expect(try await nobody.run("host", "show", host.hostID).status == 0)
            // Once: the token was good for one.
            let second = try await AgentProcess.attempt(controller, name: "second", account: acme, pad: host.pad, ["--token-file", token])
            #expect(second.status == 77, "\(second.errors)")
        }
    }

    @Test func wrongPasswordsAndEndedSessionsAreRefused() async throws {
        try await with { controller, nobody, acme, _ in
            let wrong = try nobody.file("wrong", "wrong\n")
            let password = try nobody.file("password", "correct horse\n")
            for (account, domain, user, file) in [
                (acme, "web", "carol", wrong), (acme, "web", "dave", password), (acme, "db", "carol", password),
                ("account-none", "web", "carol", password),
            ] {
                try await nobody.refused(
                    77, "do not belong together", "login", "--account", account, "--domain", domain, "--user", user, "--password-file", file
                )
            }
            try await nobody.refused(64, "--password-file", "login", "--account", acme, "--domain", "web", "--user", "carol")
            let login = ["login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password]
            #expect(try await nobody.run(login).status == 0)
            let carol = try await controller.done("user", "list", "--account", acme).list("users").first?["userID"] as? String ?? ""
            _ = try await controller.done("user", "disable", carol)
            try await nobody.refused(77, "the session has ended", "contract", "show", "--account", acme)
            let out = try await nobody.run("logout")
            #expect(out.status == 0 && out.errors.contains("was over already"), "\(out.errors)")
            try await nobody.refused(
                77, "is disabled", "login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password)
        }
    }

    @Test func aSessionFileThatOthersMayReadIsNotUsed() async throws {
        try await with { _, nobody, acme, _ in
            let password = try nobody.file("password", "correct horse\n")
            #expect(
                try await nobody.run("login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password).status
                    == 0)
            let folder = nobody.home + "/.local/state/quartermaster/session"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            #expect(chmod(folder + "/" + name, 0o644) == 0)
            try await nobody.refused(77, "chmod 600", "contract", "show", "--account", acme)
        }
    }

    @Test func aSessionThatOthersCouldHavePlantedIsNotUsed() async throws {
        try await with { _, nobody, acme, _ in
            let password = try nobody.file("password", "correct horse\n")
            let login = ["login", "--account", acme, "--domain", "web", "--user", "carol", "--password-file", password]
            #expect(try await nobody.run(login).status == 0)
            let folder = nobody.home + "/.local/state/quartermaster/session"
            let file = folder + "/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first))
            let ask = ["contract", "show", "--account", acme]
            #expect(try await nobody.run(ask).status == 0)

            for mode in [0o777, 0o755, 0o720] as [mode_t] {
                #expect(chmod(folder, mode) == 0)
                let open = try await nobody.run(ask)
                #expect(open.status == 77 && open.errors.contains("run chmod 700 \(folder)"), "\(open.errors)")
                #expect(try await nobody.run(login).status == 77)
            }
            #expect(chmod(folder, 0o700) == 0)

            #expect(chown(file, 0, 0) == 0 && chmod(file, 0o644) == 0)
            let foreign = try await nobody.run(ask)
            #expect(foreign.status == 77 && foreign.errors.contains("belongs to the user number 0"), "\(foreign.errors)")
            #expect(chown(file, 65_534, 65_534) == 0 && chmod(file, 0o600) == 0)

            // The very token, by a link.
            let kept = nobody.home + "/kept"
            #expect(rename(file, kept) == 0 && symlink(kept, file) == 0)
            let linked = try await nobody.run(ask)
            #expect(linked.status == 65 && linked.errors.contains("holds no session; remove it"), "\(linked.errors)")
            #expect(unlink(file) == 0 && mkfifo(file, 0o600) == 0 && chown(file, 65_534, 65_534) == 0)
            let waits = try await nobody.run(ask)
            #expect(waits.status == 65 && waits.errors.contains("holds no session; remove it"), "\(waits.errors)")
            #expect(unlink(file) == 0 && rename(kept, file) == 0)

            let elsewhere = nobody.home + "/elsewhere"
            #expect(rename(folder, elsewhere) == 0 && symlink(elsewhere, folder) == 0)
            let away = try await nobody.run(ask)
            #expect(away.status == 65 && away.errors.contains("is a link"), "\(away.errors)")
            #expect(unlink(folder) == 0 && rename(elsewhere, folder) == 0)
            #expect(try await nobody.run(ask).status == 0)
        }
    }
}
