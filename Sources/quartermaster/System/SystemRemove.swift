import ArgumentParser
import ControllerAPI
import Identifiers

struct SystemRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Ends the talk with a storage system; what is associated with its volumes goes stale.",
        discussion: """
            EXAMPLES
              quartermaster system remove system-… --dry-run
              quartermaster system remove system-… --yes
            """)

    @Argument(help: "The storage system's ID.")
    var systemID: SystemID

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Remove the storage system \(systemID)? What is associated with its volumes goes stale.")
        try await client.show(
            ControllerRequest(.removeSystem, ["systemID": systemID.text], query: confirmation.query), as: SystemDocument.self,
            text: \.card)
    }
}
