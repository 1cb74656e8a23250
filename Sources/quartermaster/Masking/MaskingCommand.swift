import ArgumentParser

struct MaskingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "masking", abstract: "Which initiators see which volume.",
        discussion: """
            EXAMPLES
              quartermaster masking list --system system-…
            """,
        subcommands: [MaskingList.self])
}
