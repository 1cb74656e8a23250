import ArgumentParser
import ControllerAPI

struct AssociationShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one association with its evidence.",
        discussion: """
            EXAMPLES
              quartermaster association show association-…
            """)

    @Argument(help: "The association's ID.")
    var associationID: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.showAssociation, ["associationID": associationID]), as: AssociationDocument.self, text: \.card)
    }
}
