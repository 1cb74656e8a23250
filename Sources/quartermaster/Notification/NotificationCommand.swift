import ArgumentParser

struct NotificationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notification", abstract: "What somebody should look at: clones, conflicts, hosts that were taken for others, pads.",
        discussion: """
            EXAMPLES
              quartermaster notification list
              quartermaster notification close notification-17 --reason "the clone has a machine ID of its own"
            """,
        subcommands: [NotificationList.self, NotificationClose.self])
}
