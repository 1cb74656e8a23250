import ArgumentParser
import ControllerAPI
import Identifiers

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Logs a customer's user in, for the commands that follow.",
        discussion: """
            What a customer's users may ask depends on their role; they see only what is their own account's. The session ends after 12 \
            hours, with quartermaster logout, and when the user is disabled or gets a new password. Its token is kept in a file of mode \
            0600 in $XDG_STATE_HOME/quartermaster/session (else ~/.local/state/quartermaster/session), one for each socket. As long as it is \
            there, commands of its owner are asked as this user, also root's. A directory or file that belongs to somebody else, or is open \
            to others, is refused.

            EXAMPLES
              quartermaster login --account account-… --domain web --user alice
              quartermaster login --account account-… --domain web --user alice --password-file FILE
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @Option(help: ArgumentHelp("The domain's name.", valueName: "name"))
    var domain: String

    @Option(help: ArgumentHelp("The user's name.", valueName: "name"))
    var user: String

    @OptionGroup var password: PasswordOption

    @OptionGroup var client: ClientOptions

    func run() async throws {
        guard let password = try password.read(for: user, isNew: false) else {
            throw CommandFailure(.usage, "there is nobody to ask for the password: give --password-file FILE (- is standard input)")
        }
        // Before anything is opened: a token that cannot be kept is of no use.
        let file = try SessionFile(socket: client.socketPath).prepared()
        let request = ControllerRequest(
            .openSession, body: NewSession(accountID: account, domain: domain, user: user, password: password))
        let bytes = try await ControllerConnection(socket: client.socketPath, credentials: .none).send(request)
        let session = try ControllerConnection.read(SessionDocument.self, from: bytes)
        guard let token = session.token else {
            throw CommandFailure(.failed, "the controller's answer has no token; is it of another version?")
        }
        do {
            try file.keep(token)
        } catch {
            // Nobody holds it now. Where this fails too, it ends by itself; the first error is the one that tells.
            _ = try? await ControllerConnection(socket: client.socketPath, credentials: .token(token)).send(
                ControllerRequest(.closeSession))
            throw error
        }
        let shown = SessionDocument(
            role: session.role, user: session.user, userID: session.userID, accountID: session.accountID, domain: session.domain,
            createdAt: session.createdAt, expires: session.expires)
        try client.output.show(shown) { shown.card }
    }
}
