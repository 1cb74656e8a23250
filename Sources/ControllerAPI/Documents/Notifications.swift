import Identifiers

/// What somebody should look at: an alarm, or a notice.
package struct NotificationDocument: APIDocument, Equatable {
    package let notificationID: String
    /// `fork`, `duplicate-host`, `initiator-conflict` and others.
    package let kind: String
    /// `alarm` or `notice`.
    package let severity: String
    /// Nil: the provider's alone.
    package let accountID: AccountID?
    package let subject: String
    /// As it was seen last.
    package let text: String
    package let firstAt: Timestamp
    package let lastAt: Timestamp
    /// How often it was seen since it was first said.
    package let occurrences: Int64
    package let closedAt: Timestamp?
    package let closedBy: String?

    package init(
        notificationID: String, kind: String, severity: String, accountID: AccountID?, subject: String, text: String, firstAt: Timestamp,
        lastAt: Timestamp, occurrences: Int64, closedAt: Timestamp?, closedBy: String?
    ) {
        self.notificationID = notificationID
        self.kind = kind
        self.severity = severity
        self.accountID = accountID
        self.subject = subject
        self.text = text
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.occurrences = occurrences
        self.closedAt = closedAt
        self.closedBy = closedBy
    }
}

package struct NotificationList: APIDocument, Equatable {
    package let notifications: [NotificationDocument]
    package let next: String?

    package init(notifications: [NotificationDocument], next: String?) {
        self.notifications = notifications
        self.next = next
    }
}
