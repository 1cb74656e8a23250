import Identifiers
import Inventory
import Provider

/// The latest facts of a host as they are kept.
package struct StoredInventory: Sendable {
    /// The host's.
    package var digest: InventoryDigest
    /// Canonical JSON.
    package var inventory: [UInt8]
    package var messageID: String
    package var reportedAt: Timestamp
    /// The version of the controller that did not know all of the facts; nil where all were known.
    package var partialReader: String?
}

/// The logical units of an inventory that bear on associations, as one text: a line each, `wwid TAB initiator`, without repetitions.
package func associatedDevices(of inventory: Inventory) -> String {
    var lines: Set<String> = []
    for device in inventory.blockDevices {
        guard let wwid = device.wwid, device.kind != "partition" else { continue }
        lines.insert("\(wwid)\t\(device.logicalUnit?.initiator?.description ?? "")")
    }
    return lines.sorted().joined(separator: "\n")
}

extension ReadTransaction {
    package func inventory(of host: HostID) throws -> StoredInventory? {
        let row = try row(
            "SELECT digest, inventory, message_id, reported_at, partial_reader FROM host_inventories WHERE host_id = ?", host)
        guard let row else { return nil }
        return StoredInventory(
            digest: try digest(row.blob("digest")), inventory: try row.blob("inventory"), messageID: try row.text("message_id"),
            reportedAt: try row.timestamp("reported_at"), partialReader: try row.optionalText("partial_reader"))
    }

    /// The version of the controller that kept this host's facts and did not know all of them; nil where all were known.
    package func partialReader(of host: HostID) throws -> String? {
        try row("SELECT partial_reader FROM host_inventories WHERE host_id = ?", host)?.optionalText("partial_reader")
    }

    package func inventoryDigest(of host: HostID) throws -> InventoryDigest? {
        try row("SELECT digest FROM host_inventories WHERE host_id = ?", host).map { try digest($0.blob("digest")) }
    }

    /// What a host sees, for associations, with when it first said so.
    func devices(of host: HostID) throws -> [SeenDevice] {
        let row = try row(
            """
            SELECT devices, coalesce(devices_message_id, message_id) AS devices_message_id, coalesce(devices_at, reported_at) AS devices_at
            FROM host_inventories WHERE host_id = ?
            """, host)
        guard let row else { return [] }
        let (messageID, at) = (try row.text("devices_message_id"), try row.timestamp("devices_at"))
        return try row.text("devices").split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            guard let wwid = WWID(String(parts[0])) else { return nil }
            return SeenDevice(wwid: wwid, initiator: parts.count > 1 ? InitiatorName(String(parts[1])) : nil, at: at, messageID: messageID)
        }
    }

    /// The latest usage of a host's file systems: canonical JSON of a list.
    package func usage(of host: HostID) throws -> (measuredAt: Timestamp, fileSystems: [UInt8])? {
        try row("SELECT measured_at, file_systems FROM host_usage WHERE host_id = ?", host).map {
            (try $0.timestamp("measured_at"), try $0.blob("file_systems"))
        }
    }

    private func digest(_ bytes: [UInt8]) throws -> InventoryDigest {
        let text = Fingerprint(bytes: bytes)?.hexadecimal ?? ""
        guard let digest = InventoryDigest(text) else {
            throw StoreError.column(name: "host_inventories.digest", expected: "32 bytes", found: "\(bytes.count) bytes")
        }
        return digest
    }
}

extension WriteTransaction {
    /// Returns whether the host sees other devices than before.
    ///
    /// - Parameter partialReader: this controller's version, where it does not know all of the facts.
    @discardableResult
    package func saveInventory(
        _ inventory: [UInt8], digest: InventoryDigest, partialReader: String?, devices: String, of host: HostID, messageID: MessageID
    ) throws -> Bool {
        let before = try row("SELECT devices = ? AS same FROM host_inventories WHERE host_id = ?", devices, host)
        let isSame = try before?.bool("same") ?? false
        try execute(
            """
            INSERT INTO host_inventories
              (host_id, digest, inventory, devices, message_id, reported_at, devices_message_id, devices_at, partial_reader)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?6, ?7)
            ON CONFLICT (host_id) DO UPDATE SET digest = excluded.digest, inventory = excluded.inventory, message_id = excluded.message_id,
              reported_at = excluded.reported_at, partial_reader = excluded.partial_reader
            """, host, digest.bytes, inventory, devices, messageID.text, now, partialReader)
        if !isSame {
            try execute(
                "UPDATE host_inventories SET devices = ?, devices_message_id = ?, devices_at = ? WHERE host_id = ?", devices,
                messageID.text, now, host)
        }
        return !isSame
    }

    package func saveUsage(_ fileSystems: [UInt8], measuredAt: Timestamp, of host: HostID, messageID: MessageID) throws {
        try execute(
            """
            INSERT INTO host_usage (host_id, measured_at, file_systems, message_id) VALUES (?, ?, ?, ?)
            ON CONFLICT (host_id) DO UPDATE SET measured_at = excluded.measured_at, file_systems = excluded.file_systems,
              message_id = excluded.message_id
            """, host, measuredAt, fileSystems, messageID.text)
    }
}
