import ArgumentParser
import ControllerAPI
import Identifiers

struct PadRepair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Mends a pad: writes its header anew, makes the directories that are missing, and lets hosts in.",
        discussion: """
            A directory that holds nothing of the pad is left as it is: the pad's file system may not be mounted.

            EXAMPLES
              quartermaster pad repair pad-… --dry-run
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @Flag(help: "Says what would be done, and does nothing.")
    var dryRun = false

    @Flag(help: "The pad is lost for good: makes it anew where nothing of it is left.")
    var recreate = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        var query: [String: String] = [:]
        if dryRun { query["dryRun"] = "true" }
        if recreate { query["recreate"] = "true" }
        try await client.show(ControllerRequest(.repairPad, ["padID": padID.text], query: query), as: PadReport.self) { $0.text }
    }
}
