import ArgumentParser
import ControllerAPI
import Identifiers

struct AccountClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Ends a customer's use: nobody of it can log in or register any more. Its records stay.",
        discussion: """
            EXAMPLES
              quartermaster account close account-… --dry-run
              quartermaster account close account-… --yes --reason "contract ended"
            """)

    @Argument(help: "The account's ID.")
    var accountID: AccountID

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Close the account \(accountID)?")
        try await client.show(
            ControllerRequest(
                .closeAccount, ["accountID": accountID.text], query: confirmation.query, body: Reason(reason: reason)),
            as: AccountDocument.self, text: \.card)
    }
}
