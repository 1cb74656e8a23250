import AgentCore
import ArgumentParser
import Files
import Glibc

/// The program: what every level of `--help` starts from. Each subcommand stands in a file of its own.
@main
struct QuartermasterAgent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quartermaster-agent",
        abstract: "Tells a storage provider what this host is, over a scratch pad, and does what the provider's controller asks for.",
        discussion: """
            Exit codes: 0 done, 1 failed for another reason, 64 wrong usage, 65 bad input data, 66 no such input, \
            69 the other side is unavailable, 73 cannot create output, 74 I/O error, 75 no answer in time (try again), \
            77 refused, 78 bad configuration.
            """,
        version: AgentContext.version,
        subcommands: [
            InventoryCommand.self, RegisterCommand.self, StatusCommand.self, ReportCommand.self, RunCommand.self, UnregisterCommand.self,
            CheckConfigCommand.self, ISCSICommand.self, HelperCommand.self,
        ])

    /// Parses, runs, and ends the process with an exit code of commands.md's list.
    static func main() {
        do {
            if let number = ProcessArguments.firstUnreadable {
                throw AgentError.invalid(
                    option: "argument \(number)", value: CommandLine.arguments[number].printable, allowed: "text in UTF-8")
            }
            if let shortcut = InventoryShortcut(CommandLine.arguments.dropFirst()) { return try shortcut.run() }
            if let shortcut = DiscoverShortcut(CommandLine.arguments.dropFirst()) { return try shortcut.run() }
            var command = try parseAsRoot()
            try command.run()
        } catch let error as AgentError {
            let log = Log.standardError(level: .error)
            for line in error.description.split(separator: "\n") { log.error("quartermaster-agent: \(line)") }
            exit(withError: ExitCode(error.exitStatus.rawValue))
        } catch let code as ExitCode {
            // All is said. The parser would make its help first, which takes longer than many a command.
            Glibc.exit(code.rawValue)
        } catch {
            guard exitCode(for: error).isSuccess else { fail(error) }
            // Help, version, completions: where they cannot be said, that is a failure, which the parser would not see.
            do throws(AgentError) { try printLine(fullMessage(for: error)) } catch {
                Log.standardError(level: .error).error("quartermaster-agent: \(error)")
                exit(withError: ExitCode(error.exitStatus.rawValue))
            }
        }
    }

    /// Ends as the parser would, but that no argument which it repeats moves a cursor.
    private static func fail(_ error: any Error) -> Never {
        let text = fullMessage(for: error)
        if !text.isEmpty {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable + "\n" }
            let bytes = Array(lines.joined().utf8)
            // An error that cannot be said has nobody to tell.
            _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
        exit(withError: exitCode(for: error))
    }
}
