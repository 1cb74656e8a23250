import AgentCore
import ArgumentParser
import Files

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
            CheckConfigCommand.self, HelperCommand.self,
        ])

    /// Parses, runs, and ends the process with an exit code of commands.md's list.
    static func main() {
        do {
            if let number = ProcessArguments.firstUnreadable {
                throw AgentError.invalid(
                    option: "argument \(number)", value: CommandLine.arguments[number].printable, allowed: "text in UTF-8")
            }
            if let shortcut = InventoryShortcut(CommandLine.arguments.dropFirst()) { return try shortcut.run() }
            var command = try parseAsRoot()
            try command.run()
        } catch let error as AgentError {
            let log = Log.standardError(level: .error)
            for line in error.description.split(separator: "\n") { log.error("quartermaster-agent: \(line)") }
            exit(withError: ExitCode(error.exitStatus.rawValue))
        } catch {
            guard exitCode(for: error).isSuccess else { exit(withError: error) }
            // Help, version, completions: where they cannot be said, that is a failure, which the parser would not see.
            do throws(AgentError) { try printLine(fullMessage(for: error)) } catch {
                Log.standardError(level: .error).error("quartermaster-agent: \(error)")
                exit(withError: ExitCode(error.exitStatus.rawValue))
            }
        }
    }
}
