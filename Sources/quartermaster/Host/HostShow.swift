import ArgumentParser
import ControllerAPI
import Identifiers

struct HostShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one host with the facts that it reported.",
        discussion: """
            EXAMPLES
              quartermaster host show host-… --format json
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.showHost, ["hostID": hostID.text]), as: HostDocument.self, text: \.card)
    }
}
