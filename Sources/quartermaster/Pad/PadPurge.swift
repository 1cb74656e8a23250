import ArgumentParser
import ControllerAPI
import Identifiers

struct PadPurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Removes what does not belong on a pad: quarantined, foreign and left-over files.",
        discussion: """
            EXAMPLES
              quartermaster pad purge pad-… --dry-run
              quartermaster pad purge pad-… --yes
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try confirmation.obtain("Remove quarantined, foreign and left-over files from the pad \(padID)?")
        var sound = true
        try await client.show(
            ControllerRequest(.purgePad, ["padID": padID.text], query: confirmation.query), as: PadReport.self
        ) {
            $0.text
        } examine: {
            sound = $0.sound
        }
        guard sound else { throw CommandFailure(.failed, "not everything could be removed from the pad \(padID)") }
    }
}
