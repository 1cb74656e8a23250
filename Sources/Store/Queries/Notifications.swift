import Identifiers
import Provider

/// A notification as it is kept.
package struct StoredNotification: Sendable {
    package var id: Int64
    /// When it was seen first.
    package var at: Timestamp
    /// When it was seen last.
    package var lastAt: Timestamp
    package var occurrences: Int64
    package var notification: Notification
    package var closedAt: Timestamp?
    /// Who closed it.
    package var closedBy: String?

    /// As commands take it: `notification-17`.
    package var notificationID: String { Self.prefix + "\(id)" }

    /// The row of an ID as commands take it; nil where it cannot be one.
    package static func row(of notificationID: String) -> Int64? {
        guard notificationID.hasPrefix(prefix) else { return nil }
        return Int64(notificationID.dropFirst(prefix.count)).flatMap { $0 > 0 ? $0 : nil }
    }

    private static let prefix = "notification-"
}

/// How often the audit is told of one thing that goes on.
package let notificationAuditPause: Duration = .seconds(3_600)

extension ReadTransaction {
    /// A page, the oldest first; nil for `account` shows everybody's. `openOnly` leaves out those that somebody has closed.
    package func notifications(
        account: AccountID? = nil, openOnly: Bool = false, _ request: PageRequest = PageRequest()
    ) throws -> Page<StoredNotification> {
        let after = SQLValue.integer(try request.after(StoredNotification.row) ?? 0)
        let condition = (account == nil ? "" : "account_id = ? AND ") + (openOnly ? "closed_at IS NULL AND " : "")
        let records = try rows(
            Self.notificationColumns + "WHERE \(condition)id > ? ORDER BY id LIMIT ?",
            values: (account.map { [.text($0.text)] } ?? []) + [after, .integer(Int64(request.limit) + 1)], as: Self.storedNotification)
        return Page(records, request: request, key: \.notificationID)
    }

    package func notification(_ id: Int64) throws -> StoredNotification? {
        try row(Self.notificationColumns + "WHERE id = ?", values: [.integer(id)]).map(Self.storedNotification)
    }

    private static let notificationColumns = """
        SELECT id, at, last_at, occurrences, kind, severity, account_id, subject, text, closed_at, closed_by FROM notifications\u{20}
        """

    private static func storedNotification(_ row: Row) throws -> StoredNotification {
        let at = try row.timestamp("at")
        return StoredNotification(
            id: try row.integer("id"), at: at, lastAt: try row.optionalTimestamp("last_at") ?? at,
            occurrences: try row.integer("occurrences"),
            notification: Notification(
                kind: try row.raw("kind"), severity: try row.raw("severity"), accountID: try row.optionalIdentifier("account_id"),
                subject: try row.text("subject"), text: try row.text("text")),
            closedAt: try row.optionalTimestamp("closed_at"), closedBy: try row.optionalText("closed_by"))
    }
}

extension WriteTransaction {
    /// Says it; where the same is being said and nobody has closed it, counts it once more, with the latest text. True where the audit is
    /// to be told: it is new, or `notificationAuditPause` has passed since the audit was told.
    @discardableResult
    package func notify(_ notification: Notification) throws -> Bool {
        let open = try row(
            """
            SELECT id, at, audited_at FROM notifications
            WHERE kind = ? AND subject = ? AND coalesce(account_id, '') = ? AND closed_at IS NULL
            """, notification.kind.rawValue, notification.subject, notification.accountID?.text ?? "")
        guard let open else {
            try execute(
                "INSERT INTO notifications (at, kind, severity, account_id, subject, text, audited_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                now, notification.kind.rawValue, notification.severity.rawValue, notification.accountID, notification.subject,
                notification.text, now)
            return true
        }
        let told = try open.optionalTimestamp("audited_at") ?? open.timestamp("at")
        let isToBeTold = now < told || now - told >= notificationAuditPause
        try execute(
            "UPDATE notifications SET occurrences = occurrences + 1, last_at = ?, text = ?, audited_at = ? WHERE id = ?", now,
            notification.text, isToBeTold ? now : told, open.integer("id"))
        return isToBeTold
    }

    /// From now on the same is said anew. False where it was closed before.
    @discardableResult
    package func closeNotification(_ id: Int64, by actor: Actor) throws -> Bool {
        try execute("UPDATE notifications SET closed_at = ?, closed_by = ? WHERE id = ? AND closed_at IS NULL", now, actor.text, id) > 0
    }
}
