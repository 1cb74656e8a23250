import ArgumentParser

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Customers.",
        discussion: """
            EXAMPLES
              quartermaster account create --name "Example Ltd"
              quartermaster account list
            """,
        subcommands: [AccountCreate.self, AccountList.self, AccountShow.self, AccountClose.self])
}
