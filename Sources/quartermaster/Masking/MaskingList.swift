import ArgumentParser
import ControllerAPI

struct MaskingList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists masking entries.",
        discussion: """
            EXAMPLES
              quartermaster masking list --system system-…
            """)

    @Option(help: ArgumentHelp("Only what this storage system has.", valueName: "id"))
    var system: String?

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listMasking, ["system": system]), as: ControllerAPI.MaskingList.self, next: \.next) { page in
            var table = Table("SYSTEM", "VOLUME", "INITIATOR", "LUN", "ACCESS", "PORTS")
            for entry in page.masking {
                table.row(
                    entry.systemID.text, entry.volumeID, entry.initiator, entry.lun.map(String.init), entry.access,
                    entry.portIDs.joined(separator: " "))
            }
            return table
        }
    }
}
