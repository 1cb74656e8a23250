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
