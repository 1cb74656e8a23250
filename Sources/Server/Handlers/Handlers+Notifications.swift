import ControllerAPI
import Provider
import Store

extension Handlers {
    func listNotifications(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.listReach().accountID
        let includesClosed = try call.flag("includeClosed")
        let page = try await store.read { try $0.notifications(account: account, openOnly: !includesClosed, request) }
        return .document(NotificationList(notifications: page.elements.map(NotificationDocument.init), next: page.next))
    }

    /// One that was closed before stays as it was.
    func closeNotification(_ call: Call) async throws -> Answer {
        let id = try call.text("notificationID")
        let reason = try call.reason()
        return .document(
            NotificationDocument(
                try await store.write { transaction in
                    let before = try transaction.existingNotification(id, for: call)
                    if try transaction.closeNotification(before.id, by: call.actor) {
                        let notification = before.notification
                        try transaction.audit(
                            actor: call.actor, action: "notification.close", subject: id,
                            detail: "\(notification.kind.rawValue): \(notification.subject)" + (reason.map { " reason=\($0)" } ?? ""),
                            account: notification.accountID)
                    }
                    return try transaction.existingNotification(id, for: call)
                }))
    }
}

extension ReadTransaction {
    /// Throws where the caller may not see it; one that is not there is no other case to those who may not see all.
    fileprivate func existingNotification(_ id: String, for call: Call) throws -> StoredNotification {
        let record = try StoredNotification.row(of: id).flatMap { try notification($0) }
        if let record, call.reach == .everything || record.notification.accountID == call.reach.accountID { return record }
        throw call.reach == .everything ? RequestError.notFound(what: "notification", id: id) : call.outside("notification", id)
    }
}

extension NotificationDocument {
    init(_ record: StoredNotification) {
        let notification = record.notification
        self.init(
            notificationID: record.notificationID, kind: notification.kind.rawValue, severity: notification.severity.rawValue,
            accountID: notification.accountID, subject: notification.subject, text: notification.text, firstAt: record.at,
            lastAt: record.lastAt, occurrences: record.occurrences, closedAt: record.closedAt, closedBy: record.closedBy)
    }
}
