import Foundation
import Testing

/// One test of the running test program, run in a process of its own: in another environment, or in a mount namespace of its own.
enum TestAgain {
    /// What the process is told by: the directory it works in.
    private static let variable = "QUARTERMASTER_TEST_AGAIN"

    /// In such a process, its directory; otherwise nil, and tests that are for such a process are skipped by design.
    static var directory: String? { ProcessInfo.processInfo.environment[variable] }

    /// Whether file systems can be mounted for a test.
    static let mayMount = getuid() == 0 && access("/usr/bin/unshare", X_OK) == 0

    /// `name`: of the test's function. `mounted`: in a mount namespace that goes with it.
    static func run(_ name: String, in directory: String, mounted: Bool = false, environment: [String: String] = [:]) async throws
        -> Command
    {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = ["--testing-library", "swift-testing", "--filter", name]
        let environment = ProcessInfo.processInfo.environment.merging(environment.merging([variable: directory]) { $1 }) { $1 }
        if !mounted { return try await Command.run(at: program, arguments, environment: environment) }
        return try await Command.run(
            at: "/usr/bin/unshare", ["-m", "sh", "-c", "mount --make-rprivate / && exec \"$@\"", "sh", program] + arguments,
            environment: environment)
    }
}
