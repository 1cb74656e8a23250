import Identifiers

extension ReadTransaction {
    /// Whether files for a key on a pad have a reader: a host's key, or one that an answer still waits for.
    package func hasReader(_ key: Fingerprint, on pad: PadID) throws -> Bool {
        try row(
            """
            SELECT 1 FROM host_keys k WHERE k.fingerprint = ?1 AND ((k.state = 'active' AND k.pad_id = ?2) OR EXISTS (
              SELECT 1 FROM host_replies r
              WHERE r.key_id = k.id AND r.pad_id = ?2 AND r.acknowledged_at IS NULL AND r.expires_at > ?3))
            """, key, pad, now) != nil
    }
}

extension ReadTransaction {
    /// Whether a key belongs to a host, or did.
    package func isHostKey(_ key: Fingerprint) throws -> Bool {
        try row("SELECT 1 FROM host_keys WHERE fingerprint = ? AND state <> 'stranger'", key) != nil
    }

    /// The host whose key on a pad begins with these eight bytes.
    package func host(on pad: PadID, keyBeginning start: [UInt8]) throws -> (id: HostID, name: String, account: AccountID)? {
        try row(
            """
            SELECT h.id, h.host_name, h.account_id FROM host_keys k JOIN hosts h ON h.id = k.host_id
            WHERE k.fingerprint BETWEEN ?1 AND ?2 AND k.pad_id = ?3 AND k.state = 'active' LIMIT 1
            """, start, start + [UInt8](repeating: 0xFF, count: 24), pad
        ).map { (try $0.identifier("id"), try $0.text("host_name"), try $0.identifier("account_id")) }
    }
}
