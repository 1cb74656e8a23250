import Identifiers
import Provider

extension ReadTransaction {
    /// The volumes that storage systems mask to this initiator by name; what is open to everybody is not among them. One entry for each
    /// volume, the lowest logical unit number where it has several.
    func maskedVolumes(for initiator: InitiatorName) throws -> [MaskedVolume] {
        try rows(
            """
            SELECT m.system_id, m.volume_id, min(m.lun) AS lun, min(m.since) AS since, v.name, v.wwid, v.size_bytes
            FROM masking m JOIN volumes v ON v.system_id = m.system_id AND v.volume_id = m.volume_id
              JOIN storage_systems s ON s.id = m.system_id
            WHERE m.initiator = ? AND m.initiator <> '*' AND v.gone_at IS NULL AND s.state <> 'removed'
            GROUP BY m.system_id, m.volume_id ORDER BY m.system_id, m.volume_id
            """, values: [.text(initiator.description)]
        ) { row in
            MaskedVolume(
                volume: AssociatedVolume(
                    systemID: try row.identifier("system_id"), volumeID: try row.text("volume_id"), name: try row.text("name"),
                    wwid: try row.text("wwid"), lun: Int(try row.integer("lun")), sizeBytes: try row.integer("size_bytes")),
                seenAt: try row.timestamp("since"))
        }
    }

    func sessions(of initiator: InitiatorName) throws -> [SeenSession] {
        try rows(
            "SELECT system_id, min(since) AS since FROM storage_sessions WHERE initiator = ? GROUP BY system_id ORDER BY system_id",
            values: [.text(initiator.description)]
        ) { SeenSession(systemID: try $0.identifier("system_id"), at: try $0.timestamp("since")) }
    }

    func initiatorsMasked(system: SystemID, volume: String) throws -> [InitiatorName] {
        try rows(
            "SELECT DISTINCT initiator FROM masking WHERE system_id = ? AND volume_id = ? AND initiator <> '*'",
            values: [.text(system.text), .text(volume)]
        ) { try $0.parsed("initiator", expected: "an initiator's name") { InitiatorName($0) } }
    }
}
