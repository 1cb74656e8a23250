import Foundation
import Testing

/// What the provider asks of a host, carried out by the real agent and acknowledged over a real pad.
@Suite struct InstructionCommandTests {
    private func withHost(_ body: (ControllerProcess, AgentProcess, _ account: String) async throws -> Void) async throws {
        try await ControllerProcess.run { controller in
            let account = try await controller.done("account", "create", "--name", "Acme").string("accountID")
            _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
            let password = try controller.file("password", "correct horse\n")
            _ = try await controller.done(
                "user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "server-admin", "--password-file",
                password)
            let host = try await AgentProcess.register(
                controller, account: account, ["--domain", "web", "--user", "alice", "--password-file", password])
            try await body(controller, host, account)
        }
    }

    @Test func aHostAcknowledgesEachInstructionWithItsOutcomeOnce() async throws {
        try await withHost { controller, host, account in
            try await host.running {
                for action in [["set-interval", "--interval", "1s"], ["rescan"], ["rotate-keys"], ["rescan"]] {
                    let result = try await controller.command(
                        ["instruction", "send", host.hostID] + action + ["--wait", "--timeout", "5m", "--format", "json"])
                    #expect(result.status == 0, "\(action): \(result.errors)")
                    #expect(result.string("state") == "done", "\(action): \(result.output)")
                    #expect(result.string("action") == action[0])
                    for name in ["deliveredAt", "closedAt", "expires", "padID"] { #expect(result.json[name] is String, "\(name)") }
                }
            }
            let listed = try await controller.done("instruction", "list", host.hostID).list("instructions")
            #expect(listed.map { $0["state"] as? String } == ["done", "done", "done", "done"])
            #expect(listed.first?["intervalSeconds"] as? Int == 1)
            #expect(
                try await controller.done("instruction", "list", host.hostID, "--limit", "1", "--after", "instruction-2")
                    .list("instructions").first?["instructionID"] as? String == "instruction-3")
            try await controller.refused(
                66, "no account account-other", "instruction", "list", host.hostID, "--account", "account-other")
            try await controller.refused(64, "--after is \"bogus\"", "instruction", "list", host.hostID, "--after", "bogus")
            let shown = try await controller.done("host", "show", host.hostID).list("instructions")
            #expect(shown.count == 4)
            let events = try await controller.done("audit", "list", "--account", account, "--limit", "1000").list("events")
            let words = events.filter { $0["action"] as? String == "instruction.acknowledge" }
            #expect(words.map { $0["subject"] as? String } == (1...4).map { "instruction-\($0)" })
            #expect(words.allSatisfy { $0["actor"] as? String == "host:\(host.hostID)" && $0["outcome"] as? String == "done" })
            // Nothing of them is left for the host.
            let left = try FileManager.default.subpathsOfDirectory(atPath: host.pad + "/out").filter { $0.hasSuffix(".tmp") }
            #expect(left.isEmpty)
        }
    }

    @Test func withoutAnAgentAnInstructionIsDeliveredAndNotAnswered() async throws {
        try await withHost { controller, host, _ in
            let result = try await controller.command(
                ["instruction", "send", host.hostID, "rescan", "--wait", "--timeout", "1s", "--format", "json"])
            #expect(result.status == 75, "\(result.errors)")
            #expect(result.errors.contains("quartermaster instruction show instruction-1"))
            let deadline = ContinuousClock.now + .seconds(120)
            var state = ""
            repeat {
                state = try await controller.done("instruction", "show", "instruction-1").string("state")
                if state != "delivered" { try await Task.sleep(for: .milliseconds(50)) }
            } while state != "delivered" && ContinuousClock.now < deadline
            #expect(state == "delivered")
            try await controller.refused(1, "wait for its outcome", "instruction", "send", host.hostID, "rotate-keys")
        }
    }

    @Test func whatCannotBeAskedIsRefused() async throws {
        try await ControllerProcess.run { controller in
            try await controller.refused(66, "no host host-none", "instruction", "send", "host-none", "rescan")
            try await controller.refused(66, "no instruction", "instruction", "show", "instruction-1")
            try await controller.refused(66, "no host", "instruction", "list", "host-none")
            try await controller.refused(64, "--interval", "instruction", "send", "host-none", "set-interval")
            try await controller.refused(64, "--interval", "instruction", "send", "host-none", "rescan", "--interval", "1s")
            try await controller.refused(64, "whole seconds", "instruction", "send", "host-none", "set-interval", "--interval", "1500ms")
            try await controller.refused(64, "give 1s to 1d", "instruction", "send", "host-none", "set-interval", "--interval", "2d")
            try await controller.refused(64, "give 1m to 30d", "instruction", "send", "host-none", "rescan", "--expires-in", "1s")
            try await controller.refused(64, "set-interval", "instruction", "send", "host-none", "explode")
        }
    }
}
