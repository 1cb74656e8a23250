import ControllerAPI
import Identifiers

extension NotificationDocument {
    var card: String {
        var card = Card()
        card.line("Notification", notificationID)
        card.line("Severity", severity)
        card.line("Kind", kind)
        card.line("Account", accountID?.text)
        card.line("Subject", subject)
        card.line("Text", text)
        card.line("First", firstAt.description)
        card.line("Last", lastAt.description)
        card.line("Times", String(occurrences))
        card.line("Closed", closedAt.map { at in at.description + (closedBy.map { ", by \($0)" } ?? "") })
        return card.text
    }
}
