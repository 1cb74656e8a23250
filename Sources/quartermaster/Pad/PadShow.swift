import ArgumentParser
import ControllerAPI
import Identifiers

struct PadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one scratch pad.",
        discussion: """
            EXAMPLES
              quartermaster pad show pad-…
            """)

    @Argument(help: "The pad's ID.")
    var padID: PadID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(ControllerRequest(.showPad, ["padID": padID.text]), as: PadDocument.self, text: \.card)
    }
}
