import ArgumentParser

struct SystemCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Storage systems, each through a plug-in.",
        discussion: """
            EXAMPLES
              quartermaster system add --plugin tgt --option control-port=0
              quartermaster system refresh system-…
            """,
        subcommands: [SystemAdd.self, SystemList.self, SystemShow.self, SystemRefresh.self, SystemRemove.self])
}
