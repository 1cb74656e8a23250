import Identifiers
import Provider

/// What the controller answered to a message, or asked of a host: the row is the truth, the file on the pad a copy.
package struct StoredReply: Sendable {
    package var id: Int64
    package var messageID: MessageID
    package var padID: PadID
    package var keyID: Int64
    package var fingerprint: Fingerprint
    /// Empty once it was acknowledged.
    package var sealed: [UInt8]
    package var expiresAt: Timestamp
    package var acknowledgedAt: Timestamp?
    /// An instruction whose file was not seen on its pad yet.
    package var awaitsDelivery: Bool
}

/// What waits for a key that its host has given up.
package struct WaitingReply: Sendable {
    package var id: Int64
    package var messageID: MessageID
    package var fingerprint: Fingerprint
    /// The JSON text; nil for an answer.
    package var instruction: [UInt8]?
    package var expiresAt: Timestamp
}

/// What a host acknowledged: its file can go.
package struct AcknowledgedFile: Equatable, Sendable {
    package var padID: PadID
    /// Whom it was addressed to.
    package var key: Fingerprint
    /// Where it was an instruction.
    package var instructionID: String?
}

extension ReadTransaction {
    /// The answer that a message got.
    package func reply(to message: MessageID, keyID: Int64, on pad: PadID) throws -> StoredReply? {
        try row(Self.replyColumns + "WHERE r.key_id = ? AND r.pad_id = ? AND r.in_reply_to = ?", keyID, pad, message).map(Self.storedReply)
    }

    /// What still waits for its reader on a pad, in the order in which it was made.
    package func pendingReplies(on pad: PadID, after id: Int64 = 0, limit: Int = 1_000) throws -> [StoredReply] {
        try rows(
            Self.replyColumns + "WHERE r.pad_id = ? AND r.acknowledged_at IS NULL AND r.id > ? AND r.expires_at > ? ORDER BY r.id LIMIT ?",
            values: [.text(pad.text), .integer(id), .integer(now.microseconds), .integer(Int64(limit))], as: Self.storedReply)
    }

    /// An answer or instruction that is not acknowledged yet.
    package func pendingReply(_ message: MessageID, on pad: PadID) throws -> StoredReply? {
        try row(Self.replyColumns + "WHERE r.message_id = ? AND r.pad_id = ? AND r.acknowledged_at IS NULL", message, pad)
            .map(Self.storedReply)
    }

    /// What waits on a pad for the keys of a host but one. Instructions that are closed or have expired are left to lie.
    package func repliesToOtherKeys(of host: HostID, than keyID: Int64, on pad: PadID) throws -> [WaitingReply] {
        try rows(
            """
            SELECT r.id, r.message_id, k.fingerprint, r.expires_at, i.body
            FROM host_keys k JOIN host_replies r ON r.key_id = k.id LEFT JOIN instructions i ON i.reply_id = r.id
            WHERE k.host_id = ?1 AND k.id <> ?2 AND r.pad_id = ?3 AND r.acknowledged_at IS NULL
              AND (r.kind = 'reply' OR i.closed_at IS NULL AND i.expires_at > ?4)
            ORDER BY r.id
            """, values: [host.sqlValue, .integer(keyID), pad.sqlValue, now.sqlValue]
        ) { row in
            WaitingReply(
                id: try row.integer("id"), messageID: try row.identifier("message_id"), fingerprint: try row.fingerprint("fingerprint"),
                instruction: try row.optionalText("body").map { Array($0.utf8) }, expiresAt: try row.timestamp("expires_at"))
        }
    }

    private static let replyColumns = """
        SELECT r.id, r.message_id, r.pad_id, r.key_id, k.fingerprint, r.sealed, r.expires_at, r.acknowledged_at,
          EXISTS (SELECT 1 FROM instructions i WHERE i.reply_id = r.id AND i.delivered_at IS NULL) AS awaits_delivery
        FROM host_replies r JOIN host_keys k ON k.id = r.key_id\u{20}
        """

    private static func storedReply(_ row: Row) throws -> StoredReply {
        StoredReply(
            id: try row.integer("id"), messageID: try row.identifier("message_id"), padID: try row.identifier("pad_id"),
            keyID: try row.integer("key_id"), fingerprint: try row.fingerprint("fingerprint"), sealed: try row.blob("sealed"),
            expiresAt: try row.timestamp("expires_at"), acknowledgedAt: try row.optionalTimestamp("acknowledged_at"),
            awaitsDelivery: try row.bool("awaits_delivery"))
    }
}

extension WriteTransaction {
    /// Keeps an answer (`inReplyTo`) or an instruction (nil). A reminder does not count against its reader. Returns its row.
    package func addReply(
        messageID: MessageID, inReplyTo: MessageID?, keyID: Int64, pad: PadID, sealed: [UInt8], expires: Timestamp,
        isReminder: Bool = false
    ) throws -> Int64 {
        try returnedID(
            """
            INSERT INTO host_replies (message_id, pad_id, key_id, kind, in_reply_to, sealed, made_at, expires_at, is_reminder)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """, messageID, pad, keyID, inReplyTo == nil ? "instruction" : "reply", inReplyTo, sealed, now, expires,
            isReminder)
    }

    /// A host acknowledges: an answer goes, since the window of its numbers knows that it was given; an instruction is closed. Nil where this
    /// host has nothing of that ID, or had acknowledged it. What went to an earlier key of the host counts as its own: the acceptance of a new
    /// key, and the outcome of `rotate-keys`, are acknowledged by the new one.
    package func acknowledge(_ message: MessageID, keyID: Int64, outcome: String, detail: String?) throws -> AcknowledgedFile? {
        let answered = try row(
            """
            DELETE FROM host_replies
            WHERE message_id = ?1 AND kind = 'reply'
              AND (key_id = ?2 OR (SELECT host_id FROM host_keys WHERE id = key_id) = (SELECT host_id FROM host_keys WHERE id = ?2))
            RETURNING pad_id, key_id
            """, message, keyID)
        if let answered { return try acknowledgedFile(answered, instruction: nil) }
        let instructed = try row(
            """
            UPDATE host_replies SET acknowledged_at = ?, outcome = ?, detail = ?, sealed = x''
            WHERE message_id = ? AND kind = 'instruction' AND acknowledged_at IS NULL
              AND (SELECT host_id FROM host_keys WHERE id = key_id) = (SELECT host_id FROM host_keys WHERE id = ?)
            RETURNING id, pad_id, key_id
            """, now, outcome, detail, message, keyID)
        guard let instructed else { return nil }
        let closed = try row(
            "UPDATE instructions SET outcome = ?, detail = ?, closed_at = ?, delivered_at = coalesce(delivered_at, ?) WHERE reply_id = ? RETURNING id",
            outcome, detail, now, now, instructed.integer("id"))
        return try acknowledgedFile(instructed, instruction: closed.map { try $0.integer("id") })
    }

    /// A key says that it read an answer: the answer goes. Nil where it has none of that ID.
    package func acknowledgeAnswer(_ message: MessageID, keyID: Int64) throws -> AcknowledgedFile? {
        try row("DELETE FROM host_replies WHERE key_id = ? AND message_id = ? AND kind = 'reply' RETURNING pad_id, key_id", keyID, message)
            .map { try acknowledgedFile($0, instruction: nil) }
    }

    /// An answer that nobody reads any more.
    package func forgetReply(_ id: Int64) throws { try execute("DELETE FROM host_replies WHERE id = ?", id) }

    /// An instruction goes to another key of its host.
    package func readdressReply(_ id: Int64, to keyID: Int64, sealed: [UInt8]) throws {
        try execute("UPDATE host_replies SET key_id = ?, sealed = ? WHERE id = ?", keyID, sealed, id)
    }

    private func acknowledgedFile(_ row: Row, instruction: Int64?) throws -> AcknowledgedFile {
        guard let key = try self.row("SELECT fingerprint FROM host_keys WHERE id = ?", row.integer("key_id")) else {
            throw StoreError.column(name: "host_replies.key_id", expected: "a key", found: "none")
        }
        return AcknowledgedFile(
            padID: try row.identifier("pad_id"), key: try key.fingerprint("fingerprint"),
            instructionID: instruction.map { InstructionRecord.instructionID(of: $0) })
    }

    /// Files that were moved to a pad's quarantine.
    package func countQuarantined(_ count: Int, on pad: PadID, reason: String) throws {
        try execute(
            """
            INSERT INTO pad_quarantine_counts (pad_id, files, last_at, last_reason) VALUES (?, ?, ?, ?)
            ON CONFLICT (pad_id) DO UPDATE SET files = files + excluded.files, last_at = excluded.last_at, last_reason = excluded.last_reason
            """, pad, count, now, reason)
    }

    /// Answers that nobody will read any more. Returns how many went, at most `limit`.
    package func forgetReplies(limit: Int = 1_000) throws -> Int {
        try execute("DELETE FROM host_replies WHERE id IN (SELECT id FROM host_replies WHERE expires_at <= ? LIMIT ?)", now, limit)
    }
}
