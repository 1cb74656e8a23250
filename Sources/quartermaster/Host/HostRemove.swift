import ArgumentParser
import ControllerAPI
import Identifiers

struct HostRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes a host out of use: revokes its keys, ends its claims. The record stays.",
        discussion: """
            EXAMPLES
              quartermaster host remove host-… --dry-run
              quartermaster host remove host-… --yes --reason "scrapped"
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Remove the host \(hostID)? Its keys are revoked for good.")
        try await client.show(
            ControllerRequest(.removeHost, ["hostID": hostID.text], query: confirmation.query, body: Reason(reason: reason)),
            as: HostDocument.self
        ) { document in
            document.card + "\n\n"
                + (confirmation.dryRun
                    ? "Its keys would be revoked, and what it was asked withdrawn. Associations that would change:\n"
                    : "Associations that changed:\n")
                + (document.changes ?? []).table.text(colour: Terminal.hasColour)
        }
    }
}
