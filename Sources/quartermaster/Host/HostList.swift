import ArgumentParser
import ControllerAPI

struct HostList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists hosts.",
        discussion: """
            EXAMPLES
              quartermaster host list --account account-… --format json
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listHosts), as: ControllerAPI.HostList.self, next: \.next) { page in
            var table = Table("HOST", "NAME", "ACCOUNT", "DOMAIN", "STATE", "LAST REPORT", "INITIATORS")
            for host in page.hosts {
                table.row(
                    host.hostID.text, host.hostName, host.accountID.text, host.domain, host.state.rawValue,
                    host.lastReportAt?.description, host.initiators.map(\.name).joined(separator: " "))
            }
            return table
        }
    }
}
