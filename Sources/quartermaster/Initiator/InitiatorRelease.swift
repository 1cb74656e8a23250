import ArgumentParser
import ControllerAPI
import Identifiers

struct InitiatorRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Undoes assign.",
        discussion: """
            EXAMPLES
              quartermaster initiator release iqn.1993-08.org.debian:01:abc
            """)

    @Argument(help: "A WWPN, an iSCSI name or an NVMe qualified name.")
    var initiator: InitiatorName

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.releaseInitiator, ["initiator": initiator.description]), as: InitiatorDocument.self, text: \.card)
    }
}
