import ArgumentParser
import ControllerAPI

struct KeyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows the controller's keys. The authority's fingerprint is what hosts pin.",
        discussion: """
            EXAMPLES
              quartermaster key show --format json
            """)

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.showKeys), as: KeysDocument.self, text: \.text)
    }
}
