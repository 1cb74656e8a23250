import Identifiers
import Provider
import StrictJSON

extension ReadTransaction {
    package func storageSystem(_ id: SystemID) throws -> StorageSystem? {
        try row("SELECT * FROM storage_systems WHERE id = ?", id).map(StorageSystem.init(row:))
    }

    /// By ID; those that were removed only where asked for.
    package func storageSystems(includingRemoved: Bool = false, _ request: PageRequest = PageRequest()) throws -> Page<StorageSystem> {
        try page(
            "SELECT * FROM storage_systems WHERE (state <> 'removed' OR ?) AND id > ? ORDER BY id LIMIT ?", includingRemoved,
            request: request, key: \.systemID, as: StorageSystem.init(row:))
    }

    /// By ID, those that one account uses; removed ones are not among them.
    package func storageSystems(usedBy account: AccountID, _ request: PageRequest = PageRequest()) throws -> Page<StorageSystem> {
        try page(
            "SELECT s.* FROM storage_systems s WHERE s.state <> 'removed' AND " + Self.used(by: "s.id")
                + " AND s.id > ? ORDER BY s.id LIMIT ?", account, request: request, key: \.systemID, as: StorageSystem.init(row:))
    }

    /// Every one that is not removed.
    package func discoveredSystems() throws -> [StorageSystem] {
        try rows("SELECT * FROM storage_systems WHERE state <> 'removed' ORDER BY id", values: [], as: StorageSystem.init(row:))
    }

    /// The one that is not removed and says this of itself.
    package func storageSystem(vendor: String, serialNumber: String) throws -> SystemID? {
        try row("SELECT id FROM storage_systems WHERE vendor = ? AND serial_number = ? AND state <> 'removed'", vendor, serialNumber)?
            .identifier("id")
    }

    /// With secrets only for the plug-in itself: without them they are left out.
    package func storageSystemOptions(_ id: SystemID, includingSecrets: Bool) throws -> [String: String] {
        var options: [String: String] = [:]
        try forEachRow("SELECT name, value, secret FROM storage_system_options WHERE system_id = ?", id) { row in
            if try includingSecrets || !row.bool("secret") { options[try row.text("name")] = try row.text("value") }
            return true
        }
        return options
    }

    /// What the plug-in said at the last discovery that was not believed.
    package func storageSystemProblems(_ id: SystemID) throws -> [SystemProblemRecord] {
        try rows(
            "SELECT object, object_id, reason, since FROM storage_system_problems WHERE system_id = ? ORDER BY position",
            values: [id.sqlValue]
        ) { row in
            SystemProblemRecord(
                problem: SystemProblem(try row.raw("object"), try row.optionalText("object_id"), try row.text("reason")),
                since: try row.timestamp("since"))
        }
    }
}

extension WriteTransaction {
    /// Enters a storage system as it introduced itself; what it holds follows with the first discovery.
    package func addStorageSystem(
        _ system: StorageSystem, options: [String: String], secretOptions: Set<String>, by actor: Actor
    ) throws {
        let identity = system.identity
        guard StorageSystem.intervals.contains(system.interval) else { throw StorageSystemError.badInterval(system.interval) }
        if let known = try storageSystem(vendor: identity.vendor, serialNumber: identity.serialNumber) {
            throw StorageSystemError.exists(vendor: identity.vendor, serialNumber: identity.serialNumber, known)
        }
        try execute(
            """
            INSERT INTO storage_systems (id, plugin, reported_id, name, vendor, model, serial_number, firmware, health, capabilities, interval,
              state, added_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?)
            """, system.systemID, system.plugin, identity.reportedID.text, identity.name, identity.vendor, identity.model,
            identity.serialNumber, identity.firmware, identity.health, jsonArray(identity.capabilities), system.interval, now)
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            try execute(
                "INSERT INTO storage_system_options (system_id, name, value, secret) VALUES (?, ?, ?, ?)", system.systemID, name, value,
                secretOptions.contains(name))
        }
        try audit(
            actor: actor, action: "system.add", subject: system.systemID.text,
            detail: "plugin=\(system.plugin) vendor=\(identity.vendor) serialNumber=\(identity.serialNumber)")
    }

    /// The record, its history and its volumes stay; its view, options and secrets go, and what was associated with its volumes is recomputed.
    @discardableResult
    package func removeStorageSystem(_ id: SystemID, by actor: Actor) throws -> StorageSystem {
        guard let system = try storageSystem(id) else { throw StorageSystemError.unknown(id) }
        if case .removed = system.state { return system }
        let view = try storageSnapshot(of: system)
        try apply(SnapshotDifference(view, StorageSnapshot(identity: view.identity)), to: id)
        try execute("DELETE FROM storage_system_options WHERE system_id = ?", id)
        try execute("DELETE FROM storage_system_problems WHERE system_id = ?", id)
        try execute(
            """
            UPDATE storage_systems SET state = 'removed', removed_at = ?, unreachable_since = NULL, unreachable_reason = NULL WHERE id = ?
            """, now, id)
        try audit(actor: actor, action: "system.remove", subject: id.text)
        return try storageSystem(id) ?? system
    }

    /// A complete view was taken: since when it could not be is forgotten, and what was not believed is kept.
    package func markDiscovered(_ id: SystemID, problems: [SystemProblem]) throws {
        try execute(
            """
            UPDATE storage_systems SET state = 'active', unreachable_since = NULL, unreachable_reason = NULL, last_discovery_at = ?
            WHERE id = ? AND state <> 'removed'
            """, now, id)
        try keepProblems(id, problems)
    }

    /// The last view stays. A later reason replaces the earlier one; since when stays.
    package func markUnreachable(_ id: SystemID, reason: String) throws {
        try execute(
            """
            UPDATE storage_systems SET state = 'unreachable', unreachable_since = coalesce(unreachable_since, ?), unreachable_reason = ?
            WHERE id = ? AND state <> 'removed'
            """, now, reason, id)
    }

    /// Replaces a system's problems; one that was there before keeps its time.
    package func keepProblems(_ id: SystemID, _ problems: [SystemProblem]) throws {
        let known = try storageSystemProblems(id)
        var kept = Array(problems.prefix(SystemProblem.maximumCount))
        if problems.count > kept.count {
            kept.append(SystemProblem(.system, nil, "there are \(problems.count - kept.count) more problems"))
        }
        guard known.map(\.problem) != kept else { return }
        let since = Dictionary(known.map { ($0.problem, $0.since) }, uniquingKeysWith: { first, _ in first })
        try execute("DELETE FROM storage_system_problems WHERE system_id = ?", id)
        for (index, problem) in kept.enumerated() {
            try execute(
                "INSERT INTO storage_system_problems (system_id, position, object, object_id, reason, since) VALUES (?, ?, ?, ?, ?, ?)", id,
                index + 1, problem.object.rawValue, problem.objectID, problem.reason, since[problem] ?? now)
        }
    }
}

extension StorageSystem {
    fileprivate init(row: Row) throws {
        let state: State =
            switch try row.text("state") {
            case "active": .active
            case "unreachable": .unreachable(since: try row.timestamp("unreachable_since"), reason: try row.text("unreachable_reason"))
            default: .removed(at: try row.timestamp("removed_at"))
            }
        try self.init(
            systemID: row.identifier("id"), plugin: row.text("plugin"),
            identity: StorageSystemIdentity(
                reportedID: row.objectID("reported_id"), name: row.text("name"), vendor: row.text("vendor"), model: row.text("model"),
                serialNumber: row.text("serial_number"), firmware: row.text("firmware"), health: row.text("health"),
                capabilities: row.jsonStrings("capabilities")),
            state: state, interval: row.duration("interval"), addedAt: row.timestamp("added_at"),
            lastDiscoveryAt: row.optionalTimestamp("last_discovery_at"))
    }
}

extension Row {
    func objectID<Kind>(_ name: String) throws(StoreError) -> StorageObjectID<Kind> {
        try parsed(name, expected: "a storage system's own ID") { StorageObjectID($0) }
    }

    func optionalObjectID<Kind>(_ name: String) throws(StoreError) -> StorageObjectID<Kind>? {
        try optionalParsed(name, expected: "a storage system's own ID") { StorageObjectID($0) }
    }

    /// A JSON array of strings.
    func jsonStrings(_ name: String) throws(StoreError) -> [String] {
        let text = try text(name)
        do throws(JSONError) {
            return (try JSONValue.parse(text).arrayValue ?? []).compactMap(\.stringValue)
        } catch {
            throw .column(name: name, expected: "a JSON array of strings", found: "\(error)")
        }
    }

    func optionalJSONObject(_ name: String) throws(StoreError) -> JSONObject? {
        guard let text = try optionalText(name) else { return nil }
        do throws(JSONError) {
            return try JSONValue.parse(text).objectValue
        } catch {
            throw .column(name: name, expected: "a JSON object", found: "\(error)")
        }
    }
}

extension WriteTransaction {
    func jsonArray(_ strings: [String]) -> String { JSONValue.array(strings.map { .string($0) }).jsonText }
}
