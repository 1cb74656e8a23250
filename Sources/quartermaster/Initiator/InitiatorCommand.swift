import ArgumentParser

struct InitiatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "initiator", abstract: "Initiators that hosts claim, or that the provider tied to accounts.",
        discussion: """
            EXAMPLES
              quartermaster initiator assign iqn.1993-08.org.debian:01:abc --account account-…
            """,
        subcommands: [InitiatorList.self, InitiatorAssign.self, InitiatorRelease.self])
}
