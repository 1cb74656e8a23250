import ArgumentParser
import ControllerAPI
import Identifiers

struct UserSetPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-password", abstract: "Sets a user's password; the old one ends at once.",
        discussion: """
            EXAMPLES
              quartermaster user set-password user-… --password-file FILE
            """)

    @Argument(help: "The user's ID.")
    var userID: UserID

    @OptionGroup var password: PasswordOption

    @OptionGroup var client: ClientOptions

    func run() async throws {
        guard let password = try password.read(for: userID.text) else {
            throw CommandFailure(.usage, "there is nobody to ask for the password: give --password-file FILE (- is standard input)")
        }
        try await client.show(
            ControllerRequest(.setPassword, ["userID": userID.text], body: NewPassword(password: password)), as: UserDocument.self,
            text: \.card)
    }
}
