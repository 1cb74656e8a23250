import ArgumentParser
import ControllerAPI

struct AssociationReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Gives the provider's word against an association.",
        discussion: """
            The host's word that the initiator is its own counts no more, for whatever is masked to it on any storage system; where the host \
            registers anew, its claim waits for association confirm, as does that of who claimed it next. --dry-run lists each association \
            that changes, of whichever host and customer.

            EXAMPLES
              quartermaster association reject association-… --dry-run
              quartermaster association reject association-… --yes --reason "…"
            """)

    @Argument(help: "The association's ID.")
    var associationID: String

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Reject \(associationID)? The host's claim on the initiator ends, for every volume that is masked to it.")
        try await client.show(
            ControllerRequest(
                .rejectAssociation, ["associationID": associationID], query: confirmation.query, body: Reason(reason: reason)),
            as: AssociationDocument.self
        ) { document in
            document.card + "\n\n"
                + (confirmation.dryRun ? "What would change:\n" : "What changed:\n")
                + (document.changes ?? []).table.text(colour: Terminal.hasColour)
        }
    }
}
