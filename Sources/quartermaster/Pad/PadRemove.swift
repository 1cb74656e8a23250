import ArgumentParser
import ControllerAPI
import Identifiers

struct PadRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Retires a pad: it is polled no more, and what the controller put there is removed. Its record stays.",
        discussion: """
            EXAMPLES
              quartermaster pad remove pad-… --dry-run
              quartermaster pad remove pad-… --yes
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Retire the pad \(padID)? Hosts that use it alone are cut off.")
        try await client.show(
            ControllerRequest(.removePad, ["padID": padID.text], query: confirmation.query), as: PadReport.self
        ) { $0.text }
    }
}
