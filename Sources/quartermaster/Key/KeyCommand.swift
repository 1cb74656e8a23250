import ArgumentParser

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The controller's keys.",
        discussion: """
            EXAMPLES
              quartermaster key show
              quartermaster key rotate
            """,
        subcommands: [KeyShow.self, KeyRotate.self])
}
