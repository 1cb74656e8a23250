import Identifiers
import Provider

/// What the database knows of the sender of a message, in one row: its key, its host, and its numbering on one pad.
package struct SenderRecord: Sendable {
    package var keyID: Int64
    package var key: HostKey
    /// DER.
    package var certificate: [UInt8]
    package var host: KnownHost?
    package var window: SequenceWindow?
    /// Answers on this pad that it has not acknowledged, without reminders and those that expired.
    package var pendingReplies: Int
}

extension ReadTransaction {
    /// Nil for a key that was never heard.
    package func sender(_ fingerprint: Fingerprint, on pad: PadID) throws -> SenderRecord? {
        let row = try row(
            """
            SELECT k.id, k.state, k.certificate, k.certificate_ends_at, k.first_heard_at, s.window, s.heard_at,
              h.id AS host_id, h.account_id, h.machine_id, h.host_name, h.state AS host_state, h.registered_at, h.removed_at, h.released_at,
              h.heard_within,
              (SELECT count(*) FROM host_replies r WHERE r.key_id = k.id AND r.pad_id = ?1 AND r.acknowledged_at IS NULL
                AND r.is_reminder = 0 AND r.expires_at > ?3) AS pending
            FROM host_keys k LEFT JOIN hosts h ON h.id = k.host_id LEFT JOIN message_sequences s ON s.key_id = k.id AND s.pad_id = ?1
            WHERE k.fingerprint = ?2
            """, pad, fingerprint, now)
        guard let row else { return nil }
        let key = HostKey(
            fingerprint: fingerprint, state: try row.raw("state"), hostID: try row.optionalIdentifier("host_id"),
            heardAt: try row.optionalTimestamp("heard_at") ?? row.timestamp("first_heard_at"),
            certificateEnds: try row.optionalTimestamp("certificate_ends_at"))
        var window: SequenceWindow?
        if let bytes = try row.optionalBlob("window") {
            guard let decoded = SequenceWindow(encoded: bytes) else {
                throw StoreError.column(
                    name: "message_sequences.window", expected: "an encoded window", found: "\(bytes.count) other bytes")
            }
            window = decoded
        }
        return SenderRecord(
            keyID: try row.integer("id"), key: key, certificate: try row.blob("certificate"),
            host: try row.optionalText("host_id") == nil ? nil : knownHost(row, key: key), window: window,
            pendingReplies: Int(try row.integer("pending")))
    }

    /// The key that speaks for a host on a pad now, or with nil for `pad` the one heard last on any; with the time at which it was heard.
    package func activeKey(of host: HostID, on pad: PadID? = nil) throws -> HostKey? {
        let row = try row(
            """
            SELECT k.fingerprint, k.state, k.certificate_ends_at, k.first_heard_at,
              (SELECT max(heard_at) FROM message_sequences s WHERE s.key_id = k.id) AS heard_at
            FROM host_keys k WHERE k.host_id = ?1 AND k.state = 'active' AND (?2 IS NULL OR k.pad_id = ?2) ORDER BY heard_at DESC LIMIT 1
            """, host, pad)
        guard let row else { return nil }
        return HostKey(
            fingerprint: try row.fingerprint("fingerprint"), state: try row.raw("state"), hostID: host,
            heardAt: try row.optionalTimestamp("heard_at") ?? row.timestamp("first_heard_at"),
            certificateEnds: try row.optionalTimestamp("certificate_ends_at"))
    }

    /// Where a host can be reached: the key that speaks for it on a pad in use, the one heard last; one that was certified and not heard yet
    /// counts as heard then.
    package func reachableKey(of host: HostID) throws -> (id: Int64, certificate: [UInt8], pad: PadID)? {
        let row = try row(
            """
            SELECT k.id, k.certificate, k.pad_id,
              coalesce((SELECT max(heard_at) FROM message_sequences s WHERE s.key_id = k.id), k.first_heard_at) AS heard_at
            FROM host_keys k JOIN pads p ON p.id = k.pad_id
            WHERE k.host_id = ? AND k.state = 'active' AND p.state = 'active' ORDER BY heard_at DESC LIMIT 1
            """, host)
        guard let row else { return nil }
        return (try row.integer("id"), try row.blob("certificate"), try row.identifier("pad_id"))
    }

    func knownHost(_ row: Row, key: HostKey?) throws -> KnownHost {
        KnownHost(
            hostID: try row.identifier("host_id"), accountID: try row.identifier("account_id"), machineID: try row.text("machine_id"),
            hostName: try row.text("host_name"), state: try row.raw("host_state"), registeredAt: try row.timestamp("registered_at"),
            removed: try row.optionalInteger("removed_at") != nil, released: try row.optionalInteger("released_at") != nil,
            heardWithin: try row.optionalInteger("heard_within").map { .seconds($0) }, key: key)
    }
}

extension WriteTransaction {
    /// A key that is heard for the first time, of nobody yet. Returns its row.
    package func addKey(_ fingerprint: Fingerprint, certificate: [UInt8]) throws -> Int64 {
        try returnedID(
            """
            INSERT INTO host_keys (fingerprint, state, certificate, first_heard_at) VALUES (?, 'stranger', ?, ?) RETURNING id
            """, fingerprint, certificate, now)
    }

    /// The key speaks for the host on the pad from now on, with this certificate.
    package func activateKey(_ keyID: Int64, host: HostID, pad: PadID, certificate: [UInt8], ends: Timestamp) throws {
        try execute(
            "UPDATE host_keys SET host_id = ?, pad_id = ?, state = 'active', certificate = ?, certificate_ends_at = ? WHERE id = ?",
            host, pad, certificate, ends, keyID)
    }

    package func setKeyState(_ keyID: Int64, _ state: HostKeyState) throws {
        try execute("UPDATE host_keys SET state = ? WHERE id = ?", state.rawValue, keyID)
    }

    /// Every key of the host that speaks on the pad (with nil, on any), but `except`, is `state` from now on. Returns how many these are.
    @discardableResult
    package func setKeyStates(of host: HostID, on pad: PadID? = nil, _ state: HostKeyState, except keyID: Int64 = 0) throws -> Int {
        try execute(
            """
            UPDATE host_keys SET state = ?
            WHERE host_id = ? AND id <> ? AND state IN ('active', 'superseded') AND (? IS NULL OR pad_id = ?)
            """, state.rawValue, host, keyID, pad, pad)
    }

    package func saveWindow(_ window: SequenceWindow, keyID: Int64, pad: PadID) throws {
        try execute(
            """
            INSERT INTO message_sequences (key_id, pad_id, window, heard_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (key_id, pad_id) DO UPDATE SET window = excluded.window, heard_at = excluded.heard_at
            """, keyID, pad, window.encoded, now)
    }

    /// Forgets keys that never belonged to a host and were first heard before `time`: their registrations are too old to be replayed.
    package func forgetStrangers(before time: Timestamp, limit: Int = 1_000) throws -> Int {
        try execute(
            "DELETE FROM host_keys WHERE id IN (SELECT id FROM host_keys WHERE state = 'stranger' AND first_heard_at < ? LIMIT ?)", time,
            limit)
    }

    func returnedID(_ sql: String, _ arguments: (any SQLArgument)?...) throws -> Int64 {
        guard let row = try row(sql, values: arguments.map { $0?.sqlValue ?? .null }) else {
            throw StoreError.column(name: "id", expected: "the new row's ID", found: "no row")
        }
        return try row.integer("id")
    }
}
