import ArgumentParser
import ControllerAPI

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists enrolment tokens, without their secrets.",
        discussion: """
            EXAMPLES
              quartermaster token list --account account-…
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listTokens), as: ControllerAPI.TokenList.self, next: \.next) { page in
            var table = Table("ID", "DOMAIN", "ACCOUNT", "STATE", "USED", "EXPIRES")
            for token in page.tokens {
                table.row(
                    token.tokenID.text, token.domain, token.accountID.text, token.state.rawValue,
                    "\(token.uses - token.usesLeft) of \(token.uses)", token.expires.description)
            }
            return table
        }
    }
}
