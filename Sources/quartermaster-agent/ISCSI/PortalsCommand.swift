import ArgumentParser
import Initiator

/// `quartermaster-agent iscsi portals`: the list of portals that discovery asks where nobody names any.
struct PortalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portals", abstract: "Keeps the list of portals that discover and targets --refresh ask.",
        discussion: """
            The list is a file of lines beside the agent's configuration, /etc/quartermaster/iscsi-portals. Everybody may read it; no secret is in it. \
            Nothing is asked when it changes.

            EXAMPLES
              quartermaster-agent iscsi portals add 192.0.2.1
              quartermaster-agent iscsi portals list
            """,
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Puts portals on the list.",
            discussion: """
                One that is listed already stays, and that is no error.

                EXAMPLES
                  quartermaster-agent iscsi portals add 192.0.2.1 '[2001:db8::1]:3260'
                """)

        @OptionGroup var common: CommonOptions

        @Argument(help: ArgumentHelp("A portal: a name, an IPv4 or [IPv6] address.", valueName: "host[:port]"))
        var address: [String]

        @Option(help: "How to print what was done: text or json.")
        var format: OutputFormat = .text

        func run() throws {
            try ListedAddresses(.portals, common).change(address, format, done: "listed", already: "was listed already") {
                list, addresses throws(SetupError) in try list.add(addresses)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Shows the list.",
            discussion: """
                EXAMPLES
                  quartermaster-agent iscsi portals list --format json
                """)

        @OptionGroup var common: CommonOptions

        @Option(help: "How to print it: text or json.")
        var format: OutputFormat = .text

        func run() throws { try ListedAddresses(.portals, common).show(format) }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Takes portals off the list.",
            discussion: """
                One that is not listed is no error. Records and sessions stay as they are.

                EXAMPLES
                  quartermaster-agent iscsi portals remove 192.0.2.1
                """)

        @OptionGroup var common: CommonOptions

        @Argument(help: ArgumentHelp("A portal: a name, an IPv4 or [IPv6] address.", valueName: "host[:port]"))
        var address: [String]

        @Option(help: "How to print what was done: text or json.")
        var format: OutputFormat = .text

        func run() throws {
            try ListedAddresses(.portals, common).change(address, format, done: "no longer listed", already: "was not listed") {
                list, addresses throws(SetupError) in try list.remove(addresses)
            }
        }
    }
}
