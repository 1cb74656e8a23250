import ArgumentParser

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What appeared, changed and went on storage systems.",
        discussion: """
            EXAMPLES
              quartermaster history list --system system-…
            """,
        subcommands: [HistoryList.self])
}
