import ArgumentParser

struct PortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port", abstract: "Target ports of storage systems.",
        discussion: """
            EXAMPLES
              quartermaster port list --system system-…
            """,
        subcommands: [PortList.self])
}
