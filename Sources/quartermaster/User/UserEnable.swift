import ArgumentParser
import ControllerAPI
import Identifiers

struct UserEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Undoes disable.",
        discussion: """
            EXAMPLES
              quartermaster user enable user-…
            """)

    @Argument(help: "The user's ID.")
    var userID: UserID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.enableUser, ["userID": userID.text]), as: UserDocument.self, text: \.card)
    }
}
