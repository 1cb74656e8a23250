import ArgumentParser
import ISCSI
import Initiator

/// A list of addresses that discovery asks where nobody names any: shown, added to, taken from. What `portals` and `isns` have of their own is in `Texts`.
struct AddressListCommand<Texts: AddressListTexts>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Texts.command, abstract: "Keeps the list of \(Texts.places) that discover and targets --refresh ask.",
            discussion: """
                The list is a file of lines beside the agent's configuration, /etc/quartermaster/\(Texts.list.fileName). Everybody may read it; no secret is in it. \
                Nothing is asked when it changes.

                EXAMPLES
                  quartermaster-agent iscsi \(Texts.command) add \(Texts.example)
                  quartermaster-agent iscsi \(Texts.command) list
                """,
            subcommands: [Add.self, List.self, Remove.self] + Texts.more)
    }

    struct Add: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "add", abstract: "Puts \(Texts.places) on the list.",
                discussion: """
                    One that is listed already stays, and that is no error.

                    EXAMPLES
                      quartermaster-agent iscsi \(Texts.command) add \(Texts.example) \(Texts.secondExample)
                    """)
        }

        @OptionGroup var common: CommonOptions
        @OptionGroup var changed: ChangedAddresses<Texts>

        func run() throws {
            try changed.change(common, done: "listed", already: "was listed already") { list, addresses throws(SetupError) in
                try list.add(addresses)
            }
        }
    }

    struct List: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "list", abstract: "Shows the list.",
                discussion: """
                    EXAMPLES
                      quartermaster-agent iscsi \(Texts.command) list --format json
                    """)
        }

        @OptionGroup var common: CommonOptions

        @Option(help: "How to print it: text or json.")
        var format: OutputFormat = .text

        func run() throws { try ListedAddresses(Texts.list, common).show(format, empty: "no \(Texts.places) are listed") }
    }

    struct Remove: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "remove", abstract: "Takes \(Texts.places) off the list.",
                discussion: """
                    One that is not listed is no error. Records and sessions stay as they are.

                    EXAMPLES
                      quartermaster-agent iscsi \(Texts.command) remove \(Texts.example)
                    """)
        }

        @OptionGroup var common: CommonOptions
        @OptionGroup var changed: ChangedAddresses<Texts>

        func run() throws {
            try changed.change(common, done: "no longer listed", already: "was not listed") { list, addresses throws(SetupError) in
                try list.remove(addresses)
            }
        }
    }
}

/// The addresses that come or go, and how that is told.
struct ChangedAddresses<Texts: AddressListTexts>: ParsableArguments {
    @Argument(help: ArgumentHelp("\(Texts.place): a name, an IPv4 or [IPv6] address.", valueName: "host[:port]"))
    var address: [String]

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    /// As `ListedAddresses` does it.
    func change(
        _ common: CommonOptions, done: String, already: String,
        _ change: (AddressList, [PortalAddress]) throws(SetupError) -> [PortalAddress]
    ) throws {
        try ListedAddresses(Texts.list, common).change(address, format, done: done, already: already, change)
    }
}
