import ArgumentParser
import ControllerAPI
import Files

/// The program: what every level of `--help` starts from. Each subcommand stands in a file of its own, in the folder of its noun.
@main
struct Quartermaster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quartermaster",
        abstract: "Runs the controller of a storage provider, and asks it who uses whose storage, and on what evidence.",
        usage: "quartermaster <noun> <verb> [<options>]",
        discussion: """
            All commands but init, server, restore and plugin are clients of a running controller, over its Unix socket. The provider's \
            people (root, the controller's own user, members of a configured group) ask as they are; customers' users log in. \
            With --format json they print one JSON document on standard output and nothing else.

            EXAMPLES
              quartermaster init --data-directory /var/lib/quartermaster
              quartermaster server --config /etc/quartermaster/controller.yaml
              quartermaster account create --name "Example Ltd"
              quartermaster association list --format json

            EXIT CODES
              0 done · 1 failed for another reason · 64 wrong usage · 65 bad input data · 66 no such input · \
            69 the controller or what it asked is unavailable · 73 cannot create output · 74 I/O error · \
            75 no answer in time, try again · 77 refused · 78 bad configuration
            """,
        version: ControllerVersion.text,
        subcommands: [
            InitCommand.self, ServerCommand.self, BackupCommand.self, RestoreCommand.self, AccountCommand.self, ContractCommand.self,
            DomainCommand.self, UserCommand.self, TokenCommand.self, PadCommand.self, SystemCommand.self, VolumeCommand.self,
            PortCommand.self, MaskingCommand.self, HistoryCommand.self, HostCommand.self, InstructionCommand.self, InitiatorCommand.self,
            AssociationCommand.self, NotificationCommand.self, AuditCommand.self, KeyCommand.self, PluginCommand.self,
            LoginCommand.self, LogoutCommand.self,
        ])

    /// Parses, runs, and ends the process as `Ending` says.
    static func main() async {
        do {
            if let number = ProcessArguments.firstUnreadable {
                throw CommandFailure(.usage, "argument \(number) is not UTF-8: \(Table.plain(CommandLine.arguments[number]))")
            }
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Ending.end(after: error)
        }
    }
}
