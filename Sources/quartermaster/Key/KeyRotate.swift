import ArgumentParser
import ControllerAPI

struct KeyRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Makes new leaf keys under the same authority. Hosts go on without being told: they pin the authority.",
        discussion: """
            EXAMPLES
              quartermaster key rotate
            """)

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.rotateKeys), as: KeysDocument.self, text: \.text)
    }
}
