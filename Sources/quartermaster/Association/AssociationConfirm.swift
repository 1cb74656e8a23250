import ArgumentParser
import ControllerAPI

struct AssociationConfirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Gives the provider's word for an association that waits for it.",
        discussion: """
            EXAMPLES
              quartermaster association confirm association-… --reason "…"
            """)

    @Argument(help: "The association's ID.")
    var associationID: String

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.confirmAssociation, ["associationID": associationID], body: Reason(reason: reason)),
            as: AssociationDocument.self,
            text: \.card)
    }
}
