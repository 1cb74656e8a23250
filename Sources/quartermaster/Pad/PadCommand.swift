import ArgumentParser

struct PadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pad", abstract: "Scratch pads, over which hosts and the controller exchange sealed messages.",
        discussion: """
            EXAMPLES
              quartermaster pad create /srv/pads/example --account account-…
              quartermaster pad check pad-…
            """,
        subcommands: [PadCreate.self, PadList.self, PadShow.self, PadCheck.self, PadRepair.self, PadPurge.self, PadRemove.self])
}
