import ArgumentParser
import ControllerAPI
import Identifiers

struct ContractShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what a customer has agreed to.",
        discussion: """
            EXAMPLES
              quartermaster contract show --account account-…
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.showContract, ["accountID": account.text]), as: ContractDocument.self, text: \.card)
    }
}
