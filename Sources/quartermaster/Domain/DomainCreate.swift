import ArgumentParser
import ControllerAPI
import Identifiers

struct DomainCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a domain of a customer.",
        discussion: """
            EXAMPLES
              quartermaster domain create --account account-… --name web
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @Option(help: "The domain's name; no other domain of the account has it.")
    var name: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.createDomain, body: NewDomain(accountID: account, name: name)), as: DomainDocument.self
        ) { domain in
            var card = Card()
            card.line("Domain", domain.domainID.text)
            card.line("Name", domain.name)
            card.line("Account", domain.accountID.text)
            return card.text
        }
    }
}
