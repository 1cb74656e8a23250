import ArgumentParser
import ControllerAPI

struct AssociationReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Gives the provider's word against an association.",
        discussion: """
            The host's word that the initiator is its own counts no more, for whatever is masked to it on any storage system, until the provider \
            assigns the initiator or the host is released. Who claimed it next holds it then.

            EXAMPLES
              quartermaster association reject association-… --reason "…"
            """)

    @Argument(help: "The association's ID.")
    var associationID: String

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.rejectAssociation, ["associationID": associationID], body: Reason(reason: reason)),
            as: AssociationDocument.self,
            text: \.card)
    }
}
