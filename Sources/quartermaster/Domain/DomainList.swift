import ArgumentParser
import ControllerAPI

struct DomainList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists domains.",
        discussion: """
            EXAMPLES
              quartermaster domain list --account account-…
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listDomains), as: ControllerAPI.DomainList.self, next: \.next) { page in
            var table = Table("DOMAIN", "NAME", "ACCOUNT", "CREATED")
            for domain in page.domains {
                table.row(domain.domainID.text, domain.name, domain.accountID.text, domain.createdAt.description)
            }
            return table
        }
    }
}
