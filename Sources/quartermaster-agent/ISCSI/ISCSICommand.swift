import ArgumentParser

/// `quartermaster-agent iscsi`: set-up of this host's iSCSI initiator. Each subcommand stands in a file of its own.
struct ISCSICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iscsi", abstract: "Sets up this host's iSCSI initiator.",
        discussion: """
            Every failure ends in one of the documented outcomes, each with its exit code and the next step in words; in JSON the outcome \
            is a word.
            """,
        subcommands: [
            DiscoverCommand.self, ConnectCommand.self, DisconnectCommand.self, ForgetCommand.self, SessionsCommand.self,
            TargetsCommand.self, ShowCommand.self,
            RescanCommand.self, RepairCommand.self, InitiatorCommand.self, CHAPCommand.self,
        ])
}
