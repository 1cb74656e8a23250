import ArgumentParser

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Registered hosts.",
        discussion: """
            EXAMPLES
              quartermaster host list
              quartermaster host show host-… --format json
            """,
        subcommands: [HostList.self, HostShow.self, HostSuspend.self, HostResume.self, HostRelease.self, HostRemove.self])
}
