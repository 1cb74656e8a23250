import ArgumentParser
import ControllerAPI
import Identifiers

struct UserDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Lets a user do nothing more: a right password is answered with \"disabled\".",
        discussion: """
            EXAMPLES
              quartermaster user disable user-…
            """)

    @Argument(help: "The user's ID.")
    var userID: UserID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.disableUser, ["userID": userID.text]), as: UserDocument.self, text: \.card)
    }
}
