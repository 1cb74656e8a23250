import ArgumentParser
import ControllerAPI
import Identifiers

struct PadCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Inspects a pad and tests it end to end: writes a message, and reads it back. Exits with 1 where something is wrong.",
        discussion: """
            EXAMPLES
              quartermaster pad check pad-…
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        var sound = true
        try await client.show(ControllerRequest(.checkPad, ["padID": padID.text]), as: PadReport.self) {
            $0.text
        } examine: {
            sound = $0.sound
        }
        guard sound else { throw CommandFailure(.failed, "the pad \(padID) is not sound; see pad repair and pad purge") }
    }
}
