import Foundation
import TestPrograms
import TestSupport
import Testing

/// What is asked of a person at a terminal.
@Suite struct TerminalTests {
    /// `quartermaster` with a terminal as its standard input and error, while `body` is the person at it.
    private func run(
        _ controller: ControllerProcess, _ arguments: [String], _ body: (PseudoTerminal) async throws -> Void
    ) async throws -> (status: Int32, shown: String) {
        let terminal = try PseudoTerminal()
        let process = try ChildProcess(
            try BuiltProducts.path("quartermaster"), arguments,
            environment: ["PATH": "/usr/bin:/bin", "QUARTERMASTER_SOCKET": controller.socket, "HOME": controller.directory + "/home"],
            input: terminal.programEnd, errors: terminal.programEnd)
        do { try await body(terminal) } catch {
            process.terminate()
            process.waitUntilExit()
            throw error
        }
        process.waitUntilExit()
        terminal.readWhatIsThere()
        return (process.terminationStatus, terminal.shown)
    }

    private func with(_ body: (ControllerProcess, _ account: String) async throws -> Void) async throws {
        try await ControllerProcess.run { controller in
            let account = try await controller.done("account", "create", "--name", "Acme").string("accountID")
            _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
            try await body(controller, account)
        }
    }

    @Test func aNewPasswordIsAskedForTwiceAndNotShown() async throws {
        try await with { controller, account in
            let create = [
                "user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "customer-admin",
            ]
            let made = try await run(controller, create) { terminal in
                try await terminal.wait(for: "Password for alice: ")
                #expect(!terminal.echoes)
                try await terminal.answer("Password for alice: ", with: "s3cret")
                try await terminal.answer("The same again: ", with: "s3cret")
            }
            #expect(made.status == 0, "\(made.shown)")
            #expect(!made.shown.contains("s3cret"))
            let login = ["login", "--account", account, "--domain", "web", "--user", "alice"]
            let entered = try await run(controller, login) { terminal in
                // Once: it is compared with what is known.
                try await terminal.answer("Password for alice: ", with: "s3cret")
            }
            #expect(entered.status == 0, "\(entered.shown)")
            #expect(!entered.shown.contains("s3cret") && !entered.shown.contains("again"))
            let wrong = try await run(controller, login) { try await $0.answer("Password for alice: ", with: "other") }
            #expect(wrong.status == 77 && wrong.shown.contains("do not belong together"), "\(wrong.shown)")
        }
    }

    @Test func twoPasswordsThatDifferChangeNothing() async throws {
        try await with { controller, account in
            let create = ["user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "end-user"]
            let result = try await run(controller, create) { terminal in
                try await terminal.answer("Password for alice: ", with: "one")
                try await terminal.answer("The same again: ", with: "two")
            }
            #expect(result.status == 65 && result.shown.contains("differ"), "\(result.shown)")
            #expect(try await controller.done("user", "list").list("users").isEmpty)
        }
    }

    @Test func whatCannotBeUndoneIsAskedFor() async throws {
        try await with { controller, account in
            let kept = try await run(controller, ["account", "close", account]) { try await $0.answer("[y/N]", with: "n") }
            #expect(kept.status == 1 && kept.shown.contains("nothing was done"), "\(kept.shown)")
            #expect(try await controller.done("account", "show", account).string("state") == "open")
            let closed = try await run(controller, ["account", "close", account]) { try await $0.answer("[y/N]", with: "y") }
            #expect(closed.status == 0, "\(closed.shown)")
            #expect(try await controller.done("account", "show", account).string("state") == "closed")
        }
    }
}
