import ArgumentParser
import ControllerAPI
import Identifiers

struct VolumeShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one volume.",
        discussion: """
            EXAMPLES
              quartermaster volume show vol-1 --system system-…
            """)

    @Argument(help: "The volume's ID, as its storage system gives it.")
    var volumeID: String

    @Option(help: ArgumentHelp("The storage system.", valueName: "id"))
    var system: SystemID

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.showVolume, ["systemID": system.text, "volumeID": volumeID]), as: VolumeDocument.self
        ) { volume in
            var card = Card()
            card.line("Volume", volume.volumeID)
            card.line("Name", volume.name)
            card.line("System", volume.systemID.text)
            card.line("Size", ByteCount(volume.sizeBytes).description)
            card.line("Allocated", volume.allocatedBytes.map { ByteCount($0).description })
            card.line("Pool", volume.poolID)
            card.line("WWID", volume.wwid)
            card.line("Health", volume.health)
            card.line("Replica of", volume.replicaOf)
            card.line("Replica state", volume.replicaState)
            card.line("First seen", volume.firstSeenAt.description)
            card.line("Gone", volume.goneAt?.description)
            return card.text
        }
    }
}
