import ArgumentParser
import ControllerAPI
import Identifiers

struct UserList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists users.",
        discussion: """
            EXAMPLES
              quartermaster user list --account account-…
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listUsers), as: ControllerAPI.UserList.self, next: \.next) { page in
            var table = Table("USER", "NAME", "DOMAIN", "ROLE", "STATE", "POOL", "LOCKED UNTIL")
            for user in page.users {
                table.row(
                    user.userID.text, user.name, user.domain, user.role.rawValue, user.state.rawValue,
                    user.poolBytes.map { ByteCount($0).description }, user.lockedUntil?.description)
            }
            return table
        }
    }
}
