import ArgumentParser
import ControllerAPI

struct NotificationClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Says that somebody has looked at it; where the same is seen again, it is said anew.",
        discussion: """
            EXAMPLES
              quartermaster notification close notification-17 --reason "the clone has a machine ID of its own"
            """)

    @Argument(help: "The notification's ID.")
    var notificationID: String

    @Option(help: "Why; it stands in the audit.")
    var reason: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.closeNotification, ["notificationID": notificationID], body: Reason(reason: reason)),
            as: NotificationDocument.self, text: \.card)
    }
}
