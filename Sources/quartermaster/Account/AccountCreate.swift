import ArgumentParser
import ControllerAPI

struct AccountCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes an account for a customer.",
        discussion: """
            EXAMPLES
              quartermaster account create --name "Example Ltd" --format json
            """)

    @Option(help: "The customer's name; no other account has it.")
    var name: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.createAccount, body: NewAccount(name: name)), as: AccountDocument.self, text: \.card)
    }
}
