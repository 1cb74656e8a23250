import ArgumentParser

struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "Customers' named groups of hosts.",
        discussion: """
            EXAMPLES
              quartermaster domain create --account account-… --name web
              quartermaster domain list --account account-…
            """,
        subcommands: [DomainCreate.self, DomainList.self])
}
