import ArgumentParser

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "The programs that speak to storage systems.",
        discussion: """
            EXAMPLES
              quartermaster plugin check tgt --option control-port=0
            """,
        subcommands: [PluginCheck.self])
}
