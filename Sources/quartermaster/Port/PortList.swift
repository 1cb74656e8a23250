import ArgumentParser
import ControllerAPI

struct PortList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists target ports.",
        discussion: """
            EXAMPLES
              quartermaster port list --system system-…
            """)

    @Option(help: ArgumentHelp("Only what this storage system has.", valueName: "id"))
    var system: String?

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listPorts, ["system": system]), as: ControllerAPI.PortList.self, next: \.next) { page in
            var table = Table("PORT", "SYSTEM", "TRANSPORT", "NAME", "PORTALS", "STATE")
            for port in page.ports {
                table.row(
                    port.portID, port.systemID.text, port.transport.rawValue, port.wwpn ?? port.iqn ?? port.nqn,
                    port.portals?.joined(separator: " "), port.state)
            }
            return table
        }
    }
}
