import Identifiers

package struct AuditDocument: APIDocument, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let actor: String
    package let action: String
    package let subject: String
    package let outcome: String
    package let detail: String

    package init(sequence: Int64, at: Timestamp, actor: String, action: String, subject: String, outcome: String, detail: String) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.outcome = outcome
        self.detail = detail
    }
}

package struct AuditList: APIDocument, Equatable {
    package let events: [AuditDocument]
    package let next: String?

    package init(events: [AuditDocument], next: String?) {
        self.events = events
        self.next = next
    }
}

/// Whether the chain of audit events holds.
package struct AuditVerification: APIDocument, Equatable {
    package let intact: Bool
    package let eventCount: Int64
    /// The first link that does not fit the one before it.
    package let brokenSequence: Int64?
    package let detail: String

    package init(intact: Bool, eventCount: Int64, brokenSequence: Int64?, detail: String) {
        self.intact = intact
        self.eventCount = eventCount
        self.brokenSequence = brokenSequence
        self.detail = detail
    }
}
