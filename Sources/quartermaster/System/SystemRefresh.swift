import ArgumentParser
import ControllerAPI
import Identifiers

struct SystemRefresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh", abstract: "Discovers a storage system now, and waits until that is done.",
        discussion: """
            EXAMPLES
              quartermaster system refresh system-…
            """)

    @Argument(help: "The storage system's ID.")
    var systemID: SystemID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.refreshSystem, ["systemID": systemID.text]), as: SystemDocument.self, text: \.card)
    }
}
