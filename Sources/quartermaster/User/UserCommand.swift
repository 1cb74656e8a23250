import ArgumentParser

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Logins in customers' domains.",
        discussion: """
            EXAMPLES
              quartermaster user create --account account-… --domain web --name alice --role server-admin --password-file FILE
              quartermaster user list --account account-…
            """,
        subcommands: [UserCreate.self, UserList.self, UserDisable.self, UserEnable.self, UserUnlock.self, UserSetPassword.self])
}
