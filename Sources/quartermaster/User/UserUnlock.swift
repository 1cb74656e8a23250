import ArgumentParser
import ControllerAPI
import Identifiers

struct UserUnlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Forgets failed guesses at a user's password, so that the next try is looked at again.",
        discussion: """
            For a day from then on, wrong guesses that others make on the same pad do not make this user wait either; its own do, after \
            ten more. `pad show` says when passwords from a pad are not looked at.

            EXAMPLES
              quartermaster user unlock user-…
            """)

    @Argument(help: "The user's ID.")
    var userID: UserID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.unlockUser, ["userID": userID.text]), as: UserDocument.self, text: \.card)
    }
}
