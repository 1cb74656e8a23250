import Identifiers
import Provider
import StrictJSON

extension ReadTransaction {
    /// What is believed of a storage system now.
    package func storageSnapshot(of system: StorageSystem) throws -> StorageSnapshot {
        let id = [system.systemID.sqlValue]
        return StorageSnapshot(
            identity: system.identity,
            pools: try rows("SELECT * FROM storage_pools WHERE system_id = ? ORDER BY pool_id", values: id, as: StoragePool.init(row:)),
            disks: try rows("SELECT * FROM storage_disks WHERE system_id = ? ORDER BY disk_id", values: id, as: StorageDisk.init(row:)),
            ports: try rows("SELECT * FROM storage_ports WHERE system_id = ? ORDER BY port_id", values: id, as: StoragePort.init(row:)),
            volumes: try rows(
                "SELECT * FROM volumes WHERE system_id = ? AND gone_at IS NULL ORDER BY volume_id", values: id, as: Volume.init(row:)),
            masking: try rows(
                "SELECT * FROM masking WHERE system_id = ? ORDER BY volume_id, initiator, lun", values: id, as: MaskingEntry.init(row:)),
            sessions: try rows(
                "SELECT * FROM storage_sessions WHERE system_id = ? ORDER BY initiator, port_id, address", values: id,
                as: StorageSession.init(row:)))
    }
}

extension WriteTransaction {
    /// Brings the believed view of a system up to date: writes what differs and nothing else, enters the history, and recomputes the
    /// associations of the initiators and volumes that it touches. Part of one transaction with whatever else is decided.
    package func apply(_ difference: SnapshotDifference, to id: SystemID) throws {
        guard !difference.isEmpty else { return }
        let touched = difference.touchedVolumes.map(\.text)
        if let identity = difference.identity?.written.last { try update(identity, id) }
        try applyPools(difference.pools, id)
        try applyDisks(difference.disks, id)
        try applyPorts(difference.ports, id)
        // Masking refers to volumes: it goes before they do, and comes after they have.
        for entry in difference.masking.went { try delete(entry, id) }
        try applyVolumes(difference.volumes, id)
        for entry in difference.masking.written { try put(entry, id) }
        try applySessions(difference.sessions, id)
        for event in difference.history { try enter(event, id) }
        try recomputeAssociations(initiators: difference.touchedInitiators)
        try recomputeAssociations(system: id, volumes: touched)
    }

    private func enter(_ event: HistoryEvent, _ id: SystemID) throws {
        try execute(
            "INSERT INTO storage_history (at, system_id, object, object_id, change, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)", now, id,
            event.object.rawValue, event.objectID, event.change.word, event.change.before.map { JSONValue.object($0).jsonText },
            event.change.after.map { JSONValue.object($0).jsonText })
    }

    private func update(_ identity: StorageSystemIdentity, _ id: SystemID) throws {
        try execute(
            "UPDATE storage_systems SET name = ?, model = ?, firmware = ?, health = ?, capabilities = ? WHERE id = ?", identity.name,
            identity.model, identity.firmware, identity.health, jsonArray(identity.capabilities), id)
    }

    private func applyPools(_ pools: ObjectDifference<StoragePool>, _ id: SystemID) throws {
        for pool in pools.written {
            try execute(
                """
                INSERT INTO storage_pools (system_id, pool_id, name, total_bytes, free_bytes, raid, tier, health) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (system_id, pool_id) DO UPDATE SET name = excluded.name, total_bytes = excluded.total_bytes,
                  free_bytes = excluded.free_bytes, raid = excluded.raid, tier = excluded.tier, health = excluded.health
                """, id, pool.poolID.text, pool.name, pool.totalBytes, pool.freeBytes, pool.raid, pool.tier, pool.health)
        }
        for pool in pools.went { try execute("DELETE FROM storage_pools WHERE system_id = ? AND pool_id = ?", id, pool.poolID.text) }
    }

    private func applyDisks(_ disks: ObjectDifference<StorageDisk>, _ id: SystemID) throws {
        for disk in disks.written {
            try execute(
                """
                INSERT INTO storage_disks (system_id, disk_id, name, size_bytes, pool_id, kind, role, health) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (system_id, disk_id) DO UPDATE SET name = excluded.name, size_bytes = excluded.size_bytes,
                  pool_id = excluded.pool_id, kind = excluded.kind, role = excluded.role, health = excluded.health
                """, id, disk.diskID.text, disk.name, disk.sizeBytes, disk.poolID?.text, disk.diskKind, disk.role, disk.health)
        }
        for disk in disks.went { try execute("DELETE FROM storage_disks WHERE system_id = ? AND disk_id = ?", id, disk.diskID.text) }
    }

    private func applyPorts(_ ports: ObjectDifference<StoragePort>, _ id: SystemID) throws {
        for port in ports.written {
            try execute(
                """
                INSERT INTO storage_ports (system_id, port_id, transport, wwpn, iqn, nqn, portals, portal_group_tag, speed_bits_per_second,
                  state, authentication)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (system_id, port_id) DO UPDATE SET transport = excluded.transport, wwpn = excluded.wwpn, iqn = excluded.iqn,
                  nqn = excluded.nqn, portals = excluded.portals, portal_group_tag = excluded.portal_group_tag,
                  speed_bits_per_second = excluded.speed_bits_per_second, state = excluded.state, authentication = excluded.authentication
                """, id, port.portID.text, port.transport.rawValue, port.wwpn?.description, port.iqn?.description, port.nqn?.description,
                jsonArray(port.portals), port.portalGroupTag, port.speedBitsPerSecond, port.state, port.authentication)
        }
        for port in ports.went { try execute("DELETE FROM storage_ports WHERE system_id = ? AND port_id = ?", id, port.portID.text) }
    }

    private func applyVolumes(_ volumes: ObjectDifference<Volume>, _ id: SystemID) throws {
        for volume in volumes.written {
            try execute(
                """
                INSERT INTO volumes (system_id, volume_id, name, size_bytes, allocated_bytes, pool_id, wwid, health, replica_of, replica_state,
                  first_seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (system_id, volume_id) DO UPDATE SET name = excluded.name, size_bytes = excluded.size_bytes,
                  allocated_bytes = excluded.allocated_bytes, pool_id = excluded.pool_id, wwid = excluded.wwid, health = excluded.health,
                  replica_of = excluded.replica_of, replica_state = excluded.replica_state, gone_at = NULL
                """, id, volume.volumeID.text, volume.name, volume.sizeBytes, volume.allocatedBytes, volume.poolID?.text,
                volume.wwid.description, volume.health, volume.replicaOf?.text, volume.replicaState, now)
        }
        for volume in volumes.went {
            try execute("UPDATE volumes SET gone_at = ? WHERE system_id = ? AND volume_id = ?", now, id, volume.volumeID.text)
        }
    }

    private func put(_ entry: MaskingEntry, _ id: SystemID) throws {
        try execute(
            """
            INSERT INTO masking (system_id, volume_id, initiator, lun, port_ids, access, since) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (system_id, volume_id, initiator, lun) DO UPDATE SET port_ids = excluded.port_ids, access = excluded.access
            """, id, entry.volumeID.text, entry.initiator.description, entry.lun, jsonArray(entry.portIDs.map(\.text)), entry.access, now)
    }

    private func delete(_ entry: MaskingEntry, _ id: SystemID) throws {
        try execute(
            "DELETE FROM masking WHERE system_id = ? AND volume_id = ? AND initiator = ? AND lun = ?", id, entry.volumeID.text,
            entry.initiator.description, entry.lun)
    }

    private func applySessions(_ sessions: ObjectDifference<StorageSession>, _ id: SystemID) throws {
        for session in sessions.written {
            try execute(
                """
                INSERT INTO storage_sessions (system_id, initiator, port_id, address, reported_since, since) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (system_id, initiator, port_id, address) DO UPDATE SET reported_since = excluded.reported_since
                """, id, session.initiator.description, session.portID.text, session.address ?? "", session.since, now)
        }
        for session in sessions.went {
            try execute(
                "DELETE FROM storage_sessions WHERE system_id = ? AND initiator = ? AND port_id = ? AND address = ?", id,
                session.initiator.description, session.portID.text, session.address ?? "")
        }
    }
}

extension StoragePool {
    fileprivate init(row: Row) throws {
        try self.init(
            poolID: row.objectID("pool_id"), name: row.text("name"), totalBytes: row.integer("total_bytes"),
            freeBytes: row.integer("free_bytes"), raid: row.optionalText("raid"), tier: row.optionalText("tier"), health: row.text("health")
        )
    }
}

extension StorageDisk {
    fileprivate init(row: Row) throws {
        try self.init(
            diskID: row.objectID("disk_id"), name: row.text("name"), sizeBytes: row.integer("size_bytes"),
            poolID: row.optionalObjectID("pool_id"), diskKind: row.text("kind"), role: row.text("role"), health: row.text("health"))
    }
}

extension StoragePort {
    init(row: Row) throws {
        try self.init(
            portID: row.objectID("port_id"), transport: row.raw("transport"),
            wwpn: row.optionalParsed("wwpn", expected: "a WWN") { WWN($0) },
            iqn: row.optionalParsed("iqn", expected: "an iSCSI name") { ISCSIName($0) },
            nqn: row.optionalParsed("nqn", expected: "an NQN") { NQN($0) }, portals: row.jsonStrings("portals"),
            portalGroupTag: row.optionalInteger("portal_group_tag"), speedBitsPerSecond: row.optionalInteger("speed_bits_per_second"),
            state: row.text("state"), authentication: row.optionalText("authentication"))
    }
}

extension Volume {
    init(row: Row) throws {
        try self.init(
            volumeID: row.objectID("volume_id"), name: row.text("name"), sizeBytes: row.integer("size_bytes"),
            allocatedBytes: row.optionalInteger("allocated_bytes"), poolID: row.optionalObjectID("pool_id"),
            wwid: row.parsed("wwid", expected: "a WWID") { WWID($0) }, health: row.text("health"),
            replicaOf: row.optionalObjectID("replica_of"), replicaState: row.optionalText("replica_state"))
    }
}

extension MaskingEntry {
    init(row: Row) throws {
        let portIDs = try row.jsonStrings("port_ids").map { text in
            guard let id = PortID(text) else { throw StoreError.column(name: "port_ids", expected: "port IDs", found: "other text") }
            return id
        }
        try self.init(
            volumeID: row.objectID("volume_id"), initiator: row.parsed("initiator", expected: "an initiator or *") { MaskedInitiator($0) },
            lun: row.integer("lun"), portIDs: portIDs, isReadOnly: row.text("access") == "ro")
    }
}

extension StorageSession {
    fileprivate init(row: Row) throws {
        let address = try row.text("address")
        try self.init(
            initiator: row.parsed("initiator", expected: "an initiator's name") { InitiatorName($0) }, portID: row.objectID("port_id"),
            address: address.isEmpty ? nil : address, since: row.optionalTimestamp("reported_since"))
    }
}
