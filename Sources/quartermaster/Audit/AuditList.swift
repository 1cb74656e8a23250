import ArgumentParser
import ControllerAPI

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists audit events, the oldest first, or the newest first; archived ones too.",
        discussion: """
            A page may be short, and have a next all the same: of archived events, a page only looks through so many.

            EXAMPLES
              quartermaster audit list --newest-first --limit 20
              quartermaster audit list --account account-… --format json
            """)

    @OptionGroup var list: ListOptions

    @Flag(help: "Begins with the last; --after goes further back.")
    var newestFirst = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(
            list.request(.listAudit, ["newestFirst": newestFirst ? "true" : nil]), as: ControllerAPI.AuditList.self, next: \.next
        ) { page in
            var table = Table("NUMBER", "AT", "ACTOR", "ACTION", "SUBJECT", "OUTCOME", "DETAIL")
            for event in page.events {
                table.row(
                    String(event.sequence), event.at.description, event.actor, event.action, event.subject, event.outcome, event.detail)
            }
            return table
        }
    }
}
