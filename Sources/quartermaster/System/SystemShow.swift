import ArgumentParser
import ControllerAPI
import Identifiers

struct SystemShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one storage system.",
        discussion: """
            EXAMPLES
              quartermaster system show system-…
            """)

    @Argument(help: "The storage system's ID.")
    var systemID: SystemID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.showSystem, ["systemID": systemID.text]), as: SystemDocument.self, text: \.card)
    }
}
