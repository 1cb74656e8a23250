import ArgumentParser
import ControllerAPI
import Identifiers

struct InitiatorAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "Ties an initiator to an account by the provider's word.",
        discussion: """
            EXAMPLES
              quartermaster initiator assign iqn.1993-08.org.debian:01:abc --account account-…
            """)

    @Argument(help: "A WWPN, an iSCSI name or an NVMe qualified name.")
    var initiator: InitiatorName

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(
                .assignInitiator, ["initiator": initiator.description], body: InitiatorAssignment(accountID: account)),
            as: InitiatorDocument.self, text: \.card)
    }
}
