import ArgumentParser
import ControllerAPI
import Identifiers

struct HostResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Undoes suspend.",
        discussion: """
            EXAMPLES
              quartermaster host resume host-… --reason "…"
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.resumeHost, ["hostID": hostID.text], body: Reason(reason: reason)), as: HostDocument.self, text: \.card)
    }
}
