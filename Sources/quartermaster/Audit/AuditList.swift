import ArgumentParser
import ControllerAPI

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists audit events, the oldest first.",
        discussion: """
            EXAMPLES
              quartermaster audit list --account account-… --format json
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listAudit), as: ControllerAPI.AuditList.self, next: \.next) { page in
            var table = Table("NUMBER", "AT", "ACTOR", "ACTION", "SUBJECT", "OUTCOME", "DETAIL")
            for event in page.events {
                table.row(
                    String(event.sequence), event.at.description, event.actor, event.action, event.subject, event.outcome, event.detail)
            }
            return table
        }
    }
}
