import Identifiers
import Provider

/// A notification as it is kept.
package struct StoredNotification: Sendable {
    package var id: Int64
    package var at: Timestamp
    package var notification: Notification
    package var closedAt: Timestamp?
}

extension ReadTransaction {
    /// A page, the oldest first; nil for `account` shows everybody's.
    package func notifications(account: AccountID? = nil, after id: Int64 = 0, limit: Int = 100) throws -> [StoredNotification] {
        try rows(
            """
            SELECT id, at, kind, severity, account_id, subject, text, closed_at FROM notifications
            WHERE id > ? AND (? IS NULL OR account_id = ?) ORDER BY id LIMIT ?
            """, values: [.integer(id), (account?.text).sqlValue, (account?.text).sqlValue, .integer(Int64(limit))]
        ) { row in
            StoredNotification(
                id: try row.integer("id"), at: try row.timestamp("at"),
                notification: Notification(
                    kind: try row.raw("kind"), severity: try row.raw("severity"), accountID: try row.optionalIdentifier("account_id"),
                    subject: try row.text("subject"), text: try row.text("text")),
                closedAt: try row.optionalTimestamp("closed_at"))
        }
    }
}

extension WriteTransaction {
    /// Says it, unless the same is being said and nobody has closed it. True where it is new.
    @discardableResult
    package func notify(_ notification: Notification) throws -> Bool {
        try execute(
            """
            INSERT INTO notifications (at, kind, severity, account_id, subject, text) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, now, notification.kind.rawValue, notification.severity.rawValue, notification.accountID, notification.subject,
            notification.text) > 0
    }

    package func closeNotification(_ id: Int64) throws {
        try execute("UPDATE notifications SET closed_at = ? WHERE id = ? AND closed_at IS NULL", now, id)
    }
}

extension String? {
    fileprivate var sqlValue: SQLValue { self.map { .text($0) } ?? .null }
}
