import ArgumentParser
import ControllerAPI
import Identifiers

struct HostSuspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Lets a host send nothing until it is resumed.",
        discussion: """
            EXAMPLES
              quartermaster host suspend host-… --reason "…"
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.suspendHost, ["hostID": hostID.text], body: Reason(reason: reason)), as: HostDocument.self, text: \.card)
    }
}
