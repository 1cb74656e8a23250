import Foundation
import TestSupport
import Testing

@Suite struct CustomerCommandTests {
    @Test func aCustomerIsSetUpFromTheCommandLine() async throws {
        try await ControllerProcess.run { controller in
            let account = try await controller.done("account", "create", "--name", "Example Ltd")
            #expect(account.string("state") == "open" && account.string("name") == "Example Ltd")
            let id = account.string("accountID")
            #expect(try await controller.done("domain", "create", "--account", id, "--name", "web").string("domainID").isEmpty == false)
            let password = try controller.file("password", "correct horse\n")
            let user = try await controller.done(
                "user", "create", "--account", id, "--domain", "web", "--name", "alice", "--role", "server-admin", "--pool", "500GiB",
                "--password-file", password)
            #expect(user.json["poolBytes"] as? Int == 500 << 30)
            #expect(try await controller.done("account", "list").list("accounts").count == 1)
            #expect(try await controller.done("user", "list", "--account", id).list("users").first?["name"] as? String == "alice")
            let contract = try await controller.done(
                "contract", "set", "--account", id, "--capacity", "20TiB", "--tier", "gold=5TiB", "--rate", "storage/gold:GiB-month=0.05",
                "--end", "2099-01-01")
            #expect(contract.string("end") == "2099-01-01T00:00:00Z")
            #expect(try await controller.done("contract", "show", "--account", id).json["revision"] as? Int == 1)

            let tokenFile = controller.directory + "/token"
            let token = try await controller.done("token", "create", "--account", id, "--domain", "web", "--token-file", tokenFile)
            let secret = try String(contentsOfFile: tokenFile, encoding: .utf8)
            #expect(secret.hasPrefix("qmt-") && token.json["token"] == nil)
            let mode = try FileManager.default.attributesOfItem(atPath: tokenFile)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let text = try await controller.command("account", "list")
            #expect(text.output.contains("Example Ltd") && text.output.hasPrefix("ACCOUNT"))
            #expect(!text.output.contains("\u{1B}"))
            let events = try await controller.done("audit", "list").list("events")
            #expect(Set(events.first?.keys.map { $0 } ?? []) == ["sequence", "at", "actor", "action", "subject", "outcome", "detail"])
            #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
        }
    }

    @Test func refusalsNameTheReasonAndEndWithTheirCode() async throws {
        try await ControllerProcess.run { controller in
            let id = try await controller.done("account", "create", "--name", "Example").string("accountID")
            _ = try await controller.done("domain", "create", "--account", id, "--name", "web")
            try await controller.refused(73, "Example", "account", "create", "--name", "Example")
            try await controller.refused(64, "--name: a name", "account", "create", "--name", " ")
            for arguments in [
                ["pad", "create", "/nowhere", "--shared", "--interval", "0s"],
                ["instruction", "send", "host-none", "set-interval", "--interval", "100d"],
                ["system", "add", "--plugin", "simulator", "--interval", "31d"],
            ] {
                let result = try await controller.command(arguments)
                #expect(result.status == 64 && result.errors.contains("--interval is \(arguments[arguments.count - 1]); give "))
            }
            try await controller.refused(
                64, "--expires-in is 1s; give 1m to 30d", "instruction", "send", "host-none", "rescan", "--expires-in", "1s")
            try await controller.refused(
                64, "--lifetime is 0s; give 1m to 366d", "token", "create", "--account", id, "--domain", "web", "--lifetime", "0s")
            try await controller.refused(64, "--uses is 0", "token", "create", "--account", id, "--domain", "web", "--uses", "0")
            let torn = try await Command.run(
                at: "/bin/sh",
                ["-c", "exec \"$0\" account create --name \"$(printf 'bad\\377')\"", try BuiltProducts.path("quartermaster")],
                environment: ["QUARTERMASTER_SOCKET": controller.socket])
            #expect(torn.status == 64 && torn.errors.contains("argument 4 is not UTF-8"), "\(torn.status) \(torn.errors)")
            for role in ["provider-admin", "king"] {
                try await controller.refused(
                    64, "customer-admin", "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", role)
            }
            try await controller.refused(
                64, "--pool goes with", "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", "end-user",
                "--pool", "1GiB")
            for noun in ["account", "domain", "user", "token", "pad", "host", "initiator", "association", "notification", "audit"] {
                try await controller.refused(64, "--after is \"bogus\"", noun, "list", "--after", "bogus")
                try await controller.refused(66, "no account account-none", noun, "list", "--account", "account-none")
            }
            for noun in ["system", "volume", "port", "masking", "history"] {
                try await controller.refused(64, "--after is \"bogus\"", noun, "list", "--after", "bogus")
            }
            try await controller.refused(66, "system-none", "volume", "list", "--system", "system-none")
            try await controller.refused(66, "no account account-none", "account", "show", "account-none")
            try await controller.refused(66, "no domain db", "token", "create", "--account", id, "--domain", "db")
            try await controller.refused(64, "--yes", "account", "close", id)
            try await controller.refused(66, "no user", "user", "disable", "user-none")
            try await controller.refused(64, "--password-file", "user", "set-password", "user-none")
            let open = try controller.file("open", "secret\n", mode: 0o644)
            try await controller.refused(
                77, "chmod 600", "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", "end-user",
                "--password-file", open)
            let empty = try controller.file("empty", "\n")
            try await controller.refused(
                65, "empty", "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", "end-user", "--password-file",
                empty)
            try await controller.refused(
                66, "nowhere", "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", "end-user",
                "--password-file", "/nowhere")
            #expect(try await controller.done("account", "close", id, "--dry-run").string("state") == "open")
            #expect(try await controller.done("account", "close", id, "--yes").string("state") == "closed")
            try await controller.refused(1, "is closed", "domain", "create", "--account", id, "--name", "db")
        }
    }

    @Test func aPasswordComesFromStandardInput() async throws {
        try await ControllerProcess.run { controller in
            let id = try await controller.done("account", "create", "--name", "Example").string("accountID")
            _ = try await controller.done("domain", "create", "--account", id, "--name", "web")
            let made = try await controller.command(
                "user", "create", "--account", id, "--domain", "web", "--name", "a", "--role", "end-user", "--password-file", "-",
                input: "secret\n")
            #expect(made.status == 0 && made.output.contains("Password  set"), "\(made.errors)")
        }
    }
}
