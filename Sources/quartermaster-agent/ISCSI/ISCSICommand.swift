import ArgumentParser

/// `quartermaster-agent iscsi`: set-up of this host's iSCSI initiator. Each subcommand stands in a file of its own.
struct ISCSICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iscsi", abstract: "Sets up this host's iSCSI initiator.",
        discussion: """
            Every failure ends in one of the documented outcomes, each with its exit code and the next step in words; in JSON the outcome \
            is a word.

            EXAMPLES
              quartermaster-agent iscsi wizard
              quartermaster-agent iscsi discover
              quartermaster-agent iscsi connect iqn.2026-11.com.example:array1 --portal 192.0.2.1 --dry-run
              quartermaster-agent iscsi sessions
            """,
        subcommands: [
            WizardCommand.self, DiscoverCommand.self, ConnectCommand.self, DisconnectCommand.self, ForgetCommand.self, SessionsCommand.self,
            TargetsCommand.self, ShowCommand.self, AddressListCommand<PortalListTexts>.self,
            AddressListCommand<ServerListTexts>.self, RescanCommand.self, RepairCommand.self, InitiatorCommand.self, CHAPCommand.self,
        ])
}
