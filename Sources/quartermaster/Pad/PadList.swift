import ArgumentParser
import ControllerAPI

struct PadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists scratch pads.",
        discussion: """
            EXAMPLES
              quartermaster pad list
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listPads), as: ControllerAPI.PadList.self, next: \.next) { page in
            var table = Table("PAD", "DIRECTORY", "ACCOUNT", "INTERVAL", "STATE", "PROBLEM")
            for pad in page.pads {
                table.row(
                    pad.padID.text, pad.directory, pad.accountID?.text ?? "shared",
                    DurationText.text(milliseconds: pad.intervalMilliseconds),
                    pad.state.rawValue, pad.problem)
            }
            return table
        }
    }
}
