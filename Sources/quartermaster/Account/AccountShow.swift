import ArgumentParser
import ControllerAPI
import Identifiers

struct AccountShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one customer.",
        discussion: """
            EXAMPLES
              quartermaster account show account-…
            """)

    @Argument(help: "The account's ID.")
    var accountID: AccountID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.showAccount, ["accountID": accountID.text]), as: AccountDocument.self, text: \.card)
    }
}
