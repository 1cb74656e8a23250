import ArgumentParser

struct AssociationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "association", abstract: "Which account uses what, through which initiator, on what evidence.",
        discussion: """
            EXAMPLES
              quartermaster association list
              quartermaster association list --account account-… --format json
            """,
        subcommands: [AssociationList.self, AssociationShow.self, AssociationConfirm.self, AssociationReject.self])
}
