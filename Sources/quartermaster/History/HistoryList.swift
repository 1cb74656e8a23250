import ArgumentParser
import ControllerAPI
import StrictJSON

struct HistoryList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what appeared, changed and went, the oldest first.",
        discussion: """
            EXAMPLES
              quartermaster history list --system system-… --limit 20
            """)

    @Option(help: ArgumentHelp("Only what this storage system has.", valueName: "id"))
    var system: String?

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listHistory, ["system": system]), as: ControllerAPI.HistoryList.self, next: \.next) { page in
            var table = Table("AT", "SYSTEM", "OBJECT", "ID", "CHANGE", "BEFORE", "AFTER")
            for event in page.history {
                table.row(
                    event.at.description, event.systemID.text, event.object, event.objectID, event.change.rawValue,
                    event.before?.jsonText, event.after?.jsonText)
            }
            return table
        }
    }
}
