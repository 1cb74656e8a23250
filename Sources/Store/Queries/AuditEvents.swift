import Identifiers
import Provider
import Sealing

extension PageRequest {
    /// A list of audit events goes by their numbers.
    var auditSequence: Int64? {
        get throws { try after { text in Int64(text).flatMap { $0 >= 0 ? $0 : nil } } }
    }
}

/// Where the chain of audit events ends.
struct AuditHead: Equatable, Sendable {
    var sequence: Int64
    var hash: [UInt8]
}

extension ReadTransaction {
    /// By sequence, of one account or of all; those that were archived are in their files.
    package func auditEvents(account: AccountID? = nil, _ request: PageRequest = PageRequest()) throws -> Page<AuditEvent> {
        Page(try storedAuditEvents(account: account, .oldestFirst, request), request: request) { String($0.sequence) }
    }

    /// One more than a page has room for, where there are so many.
    package func storedAuditEvents(account: AccountID?, _ order: AuditOrder, _ request: PageRequest) throws -> [AuditEvent] {
        let after = try request.auditSequence
        let (bound, rest): (Int64, String) =
            switch order {
            case .oldestFirst: (after ?? 0, "sequence > ? ORDER BY sequence LIMIT ?")
            case .newestFirst: (after ?? .max, "sequence < ? ORDER BY sequence DESC LIMIT ?")
            }
        return try rows(
            "SELECT * FROM audit_events WHERE \(account == nil ? "" : "account_id = ? AND ")" + rest,
            values: (account.map { [$0.sqlValue] } ?? []) + [.integer(bound), .integer(Int64(request.limit) + 1)],
            as: AuditEvent.init(row:))
    }

    /// The oldest event here, and the oldest that is not older than `horizon`, or the one to come; nil where there is none at all.
    package func auditSpan(olderThan horizon: Timestamp) throws -> (first: Int64, firstYoung: Int64)? {
        guard let first = try integer("SELECT sequence FROM audit_events ORDER BY sequence LIMIT 1") else { return nil }
        let young = try integer("SELECT sequence FROM audit_events WHERE at >= ? ORDER BY sequence LIMIT 1", horizon)
        return (first, try young ?? (storedAuditHead().sequence + 1))
    }

    func storedAuditHead() throws -> AuditHead {
        guard let row = try row("SELECT sequence, hash FROM audit_head") else {
            throw StoreError.column(name: "audit_head.sequence", expected: "one row", found: "none")
        }
        return AuditHead(sequence: try row.integer("sequence"), hash: try row.blob("hash"))
    }
}

extension WriteTransaction {
    /// Enters who did what to what, and how it ended; part of the transaction that does it. Text from outside may be given: what cannot be
    /// printed is replaced, and what is too long is cut, with an ellipsis.
    @discardableResult
    package func audit(
        actor: Actor, action: String, subject: String, outcome: AuditEvent.Outcome = .done, detail: String = "", account: AccountID? = nil
    ) throws -> AuditEvent {
        var head = try auditHead ?? storedAuditHead()
        let event = AuditEvent(
            sequence: head.sequence + 1, at: now, accountID: account, actor: actor.text, action: action,
            subject: Self.printable(subject.isEmpty ? "-" : subject, limit: 250), outcome: outcome,
            detail: Self.printable(detail, limit: 4000), previous: head.hash)
        head = AuditHead(sequence: event.sequence, hash: SHA256.digest(event.jsonBytes))
        try execute(
            """
            INSERT INTO audit_events (sequence, at, account_id, actor, action, subject, outcome, detail, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            event.sequence, event.at, event.accountID, event.actor, event.action, event.subject, event.outcome.rawValue, event.detail,
            event.previous, head.hash)
        auditHead = head
        return event
    }

    /// Keeps the end of the chain; the last thing that a transaction does.
    func keepAuditHead() throws {
        guard let auditHead else { return }
        try execute("UPDATE audit_head SET sequence = ?, hash = ?", auditHead.sequence, auditHead.hash)
    }

    private static func printable(_ text: String, limit: Int) -> String {
        var result = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if index == limit {
                result.append("…")
                break
            }
            result.append(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "\u{FFFD}" : scalar)
        }
        return result.isEmpty ? "" : String(result)
    }
}

extension AuditEvent {
    init(row: Row) throws {
        try self.init(
            sequence: row.integer("sequence"), at: row.timestamp("at"), accountID: row.optionalIdentifier("account_id"),
            actor: row.text("actor"), action: row.text("action"), subject: row.text("subject"), outcome: row.raw("outcome"),
            detail: row.text("detail"), previous: row.blob("previous"))
    }
}
