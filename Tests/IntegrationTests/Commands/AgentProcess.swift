import Foundation
import TestPrograms
import TestSupport
import Testing

/// A host of a test's: the real agent, on a root of its own, over a real pad.
struct AgentProcess {
    let hostID: String
    let pad: String
    private let options: [String]

    /// Makes a pad of the account's, and registers a host there with these credentials.
    static func register(_ controller: ControllerProcess, account: String, _ credentials: [String]) async throws -> AgentProcess {
        let pad = controller.directory + "/pad"
        _ = try await controller.done("pad", "create", pad, "--account", account, "--interval", "100ms")
        let result = try await attempt(controller, name: "first", account: account, pad: pad, credentials)
        try #require(result.status == 0, "\(result.errors)\(result.output)")
        return AgentProcess(
            hostID: result.string("hostID"), pad: pad, options: options(controller.directory + "/first"))
    }

    static func attempt(
        _ controller: ControllerProcess, name: String, account: String, pad: String, _ credentials: [String]
    ) async throws -> Command {
        let directory = controller.directory + "/" + name
        for part in ["etc/iscsi", "proc", "sys"] {
            try FileManager.default.createDirectory(atPath: directory + "/root/" + part, withIntermediateDirectories: true)
        }
        let digit = name.utf8.first ?? 0
        try Data((String(repeating: String(digit % 10), count: 32) + "\n").utf8)
            .write(to: URL(fileURLWithPath: directory + "/root/etc/machine-id"))
        try Data("InitiatorName=iqn.2026-11.com.example:\(name)\n".utf8)
            .write(to: URL(fileURLWithPath: directory + "/root/etc/iscsi/initiatorname.iscsi"))
        try Data("[reporting]\ninterval = 1s\n".utf8).write(to: URL(fileURLWithPath: directory + "/agent.conf"))
        let key = try await controller.done("key", "show").string("fingerprint")
        return try await Command.run(
            "quartermaster-agent",
            ["register", "--pad", pad, "--account", account, "--controller-key", key, "--timeout", "300s", "--format", "json"] + credentials
                + options(directory))
    }

    private static func options(_ directory: String) -> [String] {
        ["--state-directory", directory + "/state", "--sysroot", directory + "/root", "--config", directory + "/agent.conf"]
    }

    /// Its daemon, for the length of `body`.
    func running(_ body: () async throws -> Void) async throws {
        let process = try ChildProcess(
            try BuiltProducts.path("quartermaster-agent"), ["run"] + options, environment: ["PATH": "/usr/bin:/bin"])
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await body()
    }
}
