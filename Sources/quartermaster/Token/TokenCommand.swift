import ArgumentParser

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Enrolment tokens, which register a fleet in place of a user and password.",
        discussion: """
            EXAMPLES
              quartermaster token create --account account-… --domain web --uses 200 --lifetime 7d --token-file FILE
              quartermaster token revoke token-…
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
