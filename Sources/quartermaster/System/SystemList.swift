import ArgumentParser
import ControllerAPI

struct SystemList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists storage systems.",
        discussion: """
            EXAMPLES
              quartermaster system list
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listSystems), as: ControllerAPI.SystemList.self, next: \.next) { page in
            var table = Table("SYSTEM", "NAME", "PLUG-IN", "VENDOR", "SERIAL NUMBER", "STATE", "LAST DISCOVERY")
            for system in page.systems {
                table.row(
                    system.systemID.text, system.name, system.plugin, system.vendor, system.serialNumber, system.state.rawValue,
                    system.lastDiscoveryAt?.description)
            }
            return table
        }
    }
}
