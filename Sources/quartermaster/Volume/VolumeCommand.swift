import ArgumentParser

struct VolumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volume", abstract: "Volumes of storage systems.",
        discussion: """
            EXAMPLES
              quartermaster volume list --system system-…
            """,
        subcommands: [VolumeList.self, VolumeShow.self])
}
