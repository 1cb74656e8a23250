import ArgumentParser
import ControllerAPI

struct InitiatorList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists initiators.",
        discussion: """
            EXAMPLES
              quartermaster initiator list --account account-…
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listInitiators), as: ControllerAPI.InitiatorList.self, next: \.next) { page in
            var table = Table("INITIATOR", "TRANSPORT", "HOST", "ACCOUNT", "ASSIGNED TO", "IN CONFLICT")
            for initiator in page.initiators {
                table.row(
                    initiator.initiator.description, initiator.transport.rawValue, initiator.hostID?.text, initiator.accountID?.text,
                    initiator.assignedAccountID?.text, initiator.conflictingHostIDs.map(\.text).joined(separator: " "))
            }
            return table
        }
    }
}
