import ArgumentParser
import ControllerAPI
import Identifiers

struct PadRepair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Mends a pad: writes its header anew, and makes the directories that are missing.",
        discussion: """
            EXAMPLES
              quartermaster pad repair pad-… --dry-run
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @Flag(help: "Says what would be done, and does nothing.")
    var dryRun = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.repairPad, ["padID": padID.text], query: dryRun ? ["dryRun": "true"] : [:]), as: PadReport.self
        ) { $0.text }
    }
}
