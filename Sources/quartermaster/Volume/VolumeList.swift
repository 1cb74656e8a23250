import ArgumentParser
import ControllerAPI
import Identifiers

struct VolumeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists volumes.",
        discussion: """
            EXAMPLES
              quartermaster volume list
              quartermaster volume list --account account-…
            """)

    @Option(help: ArgumentHelp("Only what this storage system has.", valueName: "id"))
    var system: String?

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listVolumes, ["system": system]), as: ControllerAPI.VolumeList.self, next: \.next) { page in
            var table = Table("VOLUME", "NAME", "SIZE", "SYSTEM", "WWID", "HEALTH")
            for volume in page.volumes {
                table.row(
                    volume.volumeID, volume.name, ByteCount(volume.sizeBytes).description, volume.systemID.text, volume.wwid, volume.health)
            }
            return table
        }
    }
}
