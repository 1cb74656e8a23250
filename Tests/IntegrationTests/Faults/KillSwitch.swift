import Foundation
import Testing

/// Kills a program at one of the calls that change files, with SIGKILL and before the call is made: `Tests/KillSwitch/kill-switch.c`, built for
/// the test that uses it, and loaded into the program.
struct KillSwitch {
    /// A call that changes a file.
    struct Call: Equatable {
        /// From 1.
        let number: Int
        /// `fsync`, `write`, `rename`, …
        let name: String
        let subject: String
    }

    private let directory: String

    /// Builds the library in `directory`.
    init(in directory: String) async throws {
        self.directory = directory
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("KillSwitch/kill-switch.c").path
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let built = try await Command.run(
            at: "/bin/sh",
            [
                "-c", "exec $(command -v cc || command -v clang) -shared -fPIC -O1 -Wall -Werror -o \"$1\" \"$2\"", "sh",
                Self.library(in: directory), source,
            ], environment: ["PATH": search])
        try #require(built.status == 0, "the kill switch was not built: \(built.errors)")
    }

    private static func library(in directory: String) -> String { directory + "/kill-switch.so" }

    // MARK: For the program

    /// Dies at this call; 0: at none. `log`: a name for `calls(_:)`. `armed`: calls count only between `arm` and `disarm`.
    func environment(at call: Int, log: String? = nil, armed: Bool = false) -> [String: String] {
        var environment = ["LD_PRELOAD": Self.library(in: directory), "KILL_SWITCH_AT": String(call)]
        if let log { environment["KILL_SWITCH_LOG"] = "\(directory)/\(log).calls" }
        if armed { environment["KILL_SWITCH_ARM"] = directory + "/armed" }
        return environment
    }

    func arm() throws { try Data().write(to: URL(fileURLWithPath: directory + "/armed")) }

    func disarm() throws { try FileManager.default.removeItem(atPath: directory + "/armed") }

    // MARK: Which calls

    /// What a program did that ran with `log`.
    func calls(_ log: String) throws -> [Call] {
        try String(contentsOfFile: "\(directory)/\(log).calls", encoding: .utf8).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let number = Int(parts[0]) else { return nil }
            return Call(number: number, name: String(parts[1]), subject: String(parts[2]))
        }
    }

    /// The calls to die at: each, but of writes to one file in a row the first and the last. Of more than `most`, as many, evenly spread;
    /// QUARTERMASTER_KILLS gives another number, or `all`.
    static func chosen(_ calls: [Call], most: Int) -> [Int] {
        let steps = calls.enumerated().filter { index, call in
            func isSame(_ other: Int) -> Bool {
                calls.indices.contains(other) && calls[other].name == "write" && calls[other].subject == call.subject
            }
            return call.name != "write" || !isSame(index - 1) || !isSame(index + 1)
        }.map(\.element.number)
        let wanted = ProcessInfo.processInfo.environment["QUARTERMASTER_KILLS"]
        let count = wanted == "all" ? steps.count : wanted.flatMap { Int($0) } ?? most
        guard steps.count > count, count > 1 else { return steps }
        return (0..<count).map { steps[$0 * (steps.count - 1) / (count - 1)] }
    }

    // MARK: What must not be left

    /// Temporary files at or below `path`.
    static func temporaries(below path: String) -> [String] {
        (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".tmp") }
    }
}

/// Waits until `condition` holds, for minutes: many tests share the machine.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
