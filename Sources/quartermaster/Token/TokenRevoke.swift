import ArgumentParser
import ControllerAPI
import Identifiers

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Ends an enrolment token. Hosts that it registered stay.",
        discussion: """
            EXAMPLES
              quartermaster token revoke token-…
            """)

    @Argument(help: "The token's ID.")
    var tokenID: TokenID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.revokeToken, ["tokenID": tokenID.text]), as: TokenDocument.self, text: \.card)
    }
}
