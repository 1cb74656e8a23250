import Identifiers
import Provider

extension ReadTransaction {
    package func instruction(_ id: Int64) throws -> InstructionRecord? {
        try row(Self.instructionColumns + "WHERE i.id = ?", id).map(Self.instructionRecord)
    }

    /// Of one host, the oldest first.
    package func instructions(of host: HostID, _ request: PageRequest = PageRequest()) throws -> Page<InstructionRecord> {
        let after = try request.after(InstructionRecord.row) ?? 0
        let records = try rows(
            Self.instructionColumns + "WHERE i.host_id = ? AND i.id > ? ORDER BY i.id LIMIT ?",
            values: [host.sqlValue, .integer(after), .integer(Int64(request.limit) + 1)], as: Self.instructionRecord)
        return Page(records, request: request, key: \.instructionID)
    }

    /// The last few of one host, the oldest first.
    package func latestInstructions(of host: HostID, limit: Int) throws -> [InstructionRecord] {
        try rows(
            Self.instructionColumns + "WHERE i.host_id = ? ORDER BY i.id DESC LIMIT ?", values: [host.sqlValue, .integer(Int64(limit))],
            as: Self.instructionRecord
        ).reversed()
    }

    /// Those that the host may still carry out.
    package func openInstructions(of host: HostID) throws -> [InstructionRecord] {
        try rows(
            Self.instructionColumns + "WHERE i.host_id = ? AND i.closed_at IS NULL AND i.expires_at > ? ORDER BY i.id",
            values: [host.sqlValue, now.sqlValue], as: Self.instructionRecord)
    }

    private static let instructionColumns = """
        SELECT i.id, i.host_id, h.account_id, i.pad_id, i.body, i.actor, i.made_at, i.expires_at, i.delivered_at, i.outcome, i.detail,
          i.closed_at
        FROM instructions i JOIN hosts h ON h.id = i.host_id\u{20}
        """

    private static func instructionRecord(_ row: Row) throws -> InstructionRecord {
        InstructionRecord(
            id: try row.integer("id"), hostID: try row.identifier("host_id"), accountID: try row.identifier("account_id"),
            padID: try row.optionalIdentifier("pad_id"), body: try row.text("body"), actor: try row.text("actor"),
            madeAt: try row.timestamp("made_at"), expiresAt: try row.optionalTimestamp("expires_at"),
            deliveredAt: try row.optionalTimestamp("delivered_at"), outcome: try row.optionalText("outcome"),
            detail: try row.optionalText("detail"), closedAt: try row.optionalTimestamp("closed_at"))
    }
}

extension WriteTransaction {
    /// Keeps an instruction whose sealed form is `replyID`.
    package func addInstruction(
        to host: HostID, body: String, replyID: Int64, pad: PadID, expires: Timestamp, by actor: Actor
    ) throws -> InstructionRecord {
        let id = try returnedID(
            """
            INSERT INTO instructions (host_id, reply_id, body, actor, made_at, expires_at, pad_id) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
            """, host, replyID, body, actor.text, now, expires, pad)
        guard let record = try instruction(id) else {
            throw StoreError.column(name: "instructions.id", expected: "the new row", found: "none")
        }
        return record
    }

    /// What a host was asked by keys of its that were revoked or have ended: nobody can read it any more. Each open one ends as `withdrawn`,
    /// with `reason` and an audit record; its file goes from the pad.
    package func withdrawInstructions(of host: HostID, because reason: String, by actor: Actor) throws {
        let lost: [(id: Int64, reply: Int64, isOpen: Bool, account: AccountID)] = try rows(
            """
            SELECT i.id, i.reply_id, i.expires_at > ?2 AS is_open, h.account_id
            FROM instructions i JOIN hosts h ON h.id = i.host_id JOIN host_replies r ON r.id = i.reply_id JOIN host_keys k ON k.id = r.key_id
            WHERE i.host_id = ?1 AND i.closed_at IS NULL AND r.acknowledged_at IS NULL AND k.state IN ('revoked', 'ended') ORDER BY i.id
            """, values: [host.sqlValue, now.sqlValue]
        ) {
            (
                try $0.integer("id"), try $0.integer("reply_id"), try $0.bool("is_open"),
                try $0.identifier("account_id")
            )
        }
        for instruction in lost {
            try execute("UPDATE host_replies SET acknowledged_at = ?, sealed = x'' WHERE id = ?", now, instruction.reply)
            // One whose time was over has expired, and stays so.
            guard instruction.isOpen else { continue }
            let outcome = InstructionRecord.State.withdrawn.rawValue
            try execute(
                "UPDATE instructions SET outcome = ?, detail = ?, closed_at = ? WHERE id = ?", outcome, reason, now, instruction.id)
            try audit(
                actor: actor, action: "instruction.withdraw", subject: InstructionRecord.instructionID(of: instruction.id),
                detail: "host=\(host) \(reason)", account: instruction.account)
        }
    }

    /// The files of these replies lie on their pads.
    package func noteDelivered(_ replyIDs: [Int64]) throws {
        for id in replyIDs { try execute("UPDATE instructions SET delivered_at = ? WHERE reply_id = ? AND delivered_at IS NULL", now, id) }
    }
}
