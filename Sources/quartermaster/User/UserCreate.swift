import ArgumentParser
import ControllerAPI
import Identifiers

struct UserCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a login in a domain, with one role.",
        discussion: """
            Without a password (no --password-file, and nobody to ask) the user can do nothing until user set-password.

            EXAMPLES
              quartermaster user create --account account-… --domain web --name alice --role server-admin
                  --pool 500GiB --password-file FILE
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @Option(help: ArgumentHelp("The domain's name.", valueName: "name"))
    var domain: String

    @Option(help: "The user's name; no other user of the domain has it.")
    var name: String

    @Option(help: "What the user may do.")
    var role: RoleName

    @Option(help: ArgumentHelp("The capacity that this server-admin may use, as 500GiB.", valueName: "size"))
    var pool: ByteCount?

    @OptionGroup var password: PasswordOption

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard pool == nil || role == .serverAdmin else { throw ValidationError("--pool goes with --role server-admin alone") }
    }

    func run() async throws {
        let user = NewUser(
            accountID: account, domain: domain, name: name, role: role, poolBytes: pool?.bytes, password: try password.read(for: name))
        try await client.show(ControllerRequest(.createUser, body: user), as: UserDocument.self, text: \.card)
    }
}
