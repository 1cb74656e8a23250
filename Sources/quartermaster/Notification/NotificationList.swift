import ArgumentParser
import ControllerAPI

struct NotificationList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists alarms and notices that nobody has closed, the oldest first.",
        discussion: """
            EXAMPLES
              quartermaster notification list
              quartermaster notification list --all --account account-… --format json
            """)

    @OptionGroup var list: ListOptions

    @Flag(help: "Those that were closed, too.")
    var all = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(
            list.request(.listNotifications, ["includeClosed": all ? "true" : nil]), as: ControllerAPI.NotificationList.self, next: \.next
        ) { page in
            var table = Table("NOTIFICATION", "LAST", "TIMES", "SEVERITY", "KIND", "ACCOUNT", "SUBJECT", "CLOSED", "TEXT")
            for notification in page.notifications {
                table.row(
                    notification.notificationID, notification.lastAt.description, String(notification.occurrences), notification.severity,
                    notification.kind, notification.accountID?.text, notification.subject, notification.closedAt?.description,
                    notification.text)
            }
            return table
        }
    }
}
