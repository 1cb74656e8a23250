import ArgumentParser
import Identifiers

/// `quartermaster-agent iscsi show`: all that is recorded of one target, and its sessions.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one target: its portals, sessions, WWIDs, and the settings of its records but secrets.",
        discussion: """
            EXAMPLES
              quartermaster-agent iscsi show iqn.2026-11.com.example:array1
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The target's name.")
    var target: ISCSIName

    @Option(help: "How to print it: text or json.")
    var format: OutputFormat = .text

    func run() throws { try TargetsCommand.run(InitiatorTools(common), target: target, format: format) }
}
