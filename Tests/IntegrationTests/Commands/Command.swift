import Files
import Foundation
import Glibc
import TestPrograms
import TestSupport
import Testing

/// One run of a program of this package: what it printed, and how it ended.
struct Command {
    /// The exit code; of a program that a signal ended, the signal.
    let status: Int32
    let wasKilled: Bool
    let output: String
    let errors: String

    /// Standard output as one JSON document.
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:] }

    func string(_ name: String) -> String { json[name] as? String ?? "" }
    func list(_ name: String) -> [[String: Any]] { json[name] as? [[String: Any]] ?? [] }

    /// Runs to the end, on a thread of its own. Standard input is `input`, or nothing.
    static func run(
        _ program: String = "quartermaster", _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) async throws -> Command {
        try await run(at: BuiltProducts.path(program), arguments, environment: environment, input: input)
    }

    /// A program that is none of this package's.
    static func run(
        at path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) async throws -> Command {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingRun(path, arguments, environment, input) })
            }
        }
    }

    private static func blockingRun(
        _ path: String, _ arguments: [String], _ environment: [String: String], _ input: String?
    ) throws -> Command {
        // Files, not pipes: nothing to drain side by side.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qm-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["in", "out", "err"] {
            let contents = name == "in" ? Data((input ?? "").utf8) : Data()
            try contents.write(to: folder.appendingPathComponent(name))
        }
        func file(_ name: String, _ flags: Int32) throws -> FileDescriptor {
            try FileDescriptor(opening: folder.appendingPathComponent(name).path, flags: flags)
        }
        let process = try ChildProcess(
            path, arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C"].merging(environment) { $1 },
            input: file("in", O_RDONLY), output: file("out", O_WRONLY), errors: file("err", O_WRONLY))
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        return Command(
            status: process.terminationStatus, wasKilled: process.wasKilled, output: try text("out"),
            errors: try text("err"))
    }
}

/// A controller as its own process, in a directory of its own, for the length of `body`.
struct ControllerProcess {
    let directory: String
    let process: ChildProcess
    var socket: String { directory + "/s" }

    static func run(_ body: (ControllerProcess) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let made = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            try #require(made.status == 0, "\(made.errors)")
            let controller = try await start(in: directory)
            do { try await body(controller) } catch {
                _ = controller.stop()
                throw error
            }
            #expect(controller.stop() == 0)
        }
    }

    static func start(in directory: String, environment: [String: String] = [:]) async throws -> ControllerProcess {
        let controller = try launch(in: directory, environment: environment)
        if try await controller.becomesReady() { return controller }
        Issue.record("the controller ended: \(try controller.log())")
        throw CocoaError(.fileReadUnknown)
    }

    /// Starts it without waiting for anything.
    static func launch(in directory: String, environment: [String: String] = [:]) throws -> ControllerProcess {
        let process = try ChildProcess(
            try BuiltProducts.path("quartermaster"), ["server", "--data-directory", directory + "/data", "--socket", directory + "/s"],
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            errors: try FileDescriptor(opening: directory + "/log", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600))
        return ControllerProcess(directory: directory, process: process)
    }

    /// What it has said on standard error.
    func log() throws -> String { try String(contentsOfFile: directory + "/log", encoding: .utf8) }

    /// Waits until it serves; false where it ended before.
    func becomesReady() async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            if try log().split(separator: "\n").contains("ready") { return true }
            if !process.isRunning { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        process.terminate()
        throw CocoaError(.fileReadUnknown)
    }

    /// SIGKILL, and the end.
    func kill() {
        process.send(SIGKILL)
        process.waitUntilExit()
    }

    /// SIGTERM, and the exit code.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    func command(_ arguments: String..., input: String? = nil) async throws -> Command { try await command(arguments, input: input) }

    func command(_ arguments: [String], input: String? = nil) async throws -> Command {
        try await Command.run(arguments: arguments, environment: ["QUARTERMASTER_SOCKET": socket], input: input)
    }

    /// As `command`, with JSON, and expects that it was done and that standard output is one document.
    func done(_ arguments: String..., at: SourceLocation = #_sourceLocation) async throws -> Command {
        let result = try await Command.run(
            arguments: arguments + ["--format", "json"], environment: ["QUARTERMASTER_SOCKET": socket])
        #expect(result.status == 0, "\(arguments): \(result.errors)", sourceLocation: at)
        #expect(!result.json.isEmpty, "\(arguments): \(result.output)", sourceLocation: at)
        return result
    }

    /// As `command`, and expects this exit code, these words on standard error, and nothing on standard output.
    func refused(_ status: Int32, _ words: String, _ arguments: String..., at: SourceLocation = #_sourceLocation) async throws {
        let result = try await Command.run(arguments: arguments, environment: ["QUARTERMASTER_SOCKET": socket])
        #expect(result.status == status, "\(arguments): \(result.errors)", sourceLocation: at)
        #expect(result.errors.contains(words), "\(arguments): \(result.errors)", sourceLocation: at)
        #expect(result.output.isEmpty, "\(arguments): \(result.output)", sourceLocation: at)
    }

    func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = directory + "/" + name
        _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        return path
    }
}

extension Command {
    static func run(arguments: [String], environment: [String: String] = [:], input: String? = nil) async throws -> Command {
        try await run("quartermaster", arguments, environment: environment, input: input)
    }
}
