import ArgumentParser
import ControllerAPI

struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists customers.",
        discussion: """
            EXAMPLES
              quartermaster account list --limit 20
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listAccounts), as: ControllerAPI.AccountList.self, next: \.next) { page in
            var table = Table("ACCOUNT", "NAME", "STATE", "CREATED")
            for account in page.accounts {
                table.row(account.accountID.text, account.name, account.state.rawValue, account.createdAt.description)
            }
            return table
        }
    }
}
