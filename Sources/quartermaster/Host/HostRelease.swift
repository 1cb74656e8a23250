import ArgumentParser
import ControllerAPI
import Identifiers

struct HostRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Lets a new key register this host at once: for a host that lost its state.",
        discussion: """
            EXAMPLES
              quartermaster host release host-… --reason "…"
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.releaseHost, ["hostID": hostID.text], body: Reason(reason: reason)), as: HostDocument.self, text: \.card)
    }
}
