import Identifiers
import Provider
import StrictJSON

extension ReadTransaction {
    /// Everything that bears on one initiator's associations.
    func view(of initiator: InitiatorName) throws -> InitiatorView {
        let claims = try claims(on: initiator)
        let masking = try maskedVolumes(for: initiator)
        var devices: [HostID: [SeenDevice]] = [:]
        if !masking.isEmpty {
            for claim in claims { devices[claim.hostID] = try self.devices(of: claim.hostID) }
        }
        return InitiatorView(
            initiator: initiator, claims: claims, masking: masking, sessions: masking.isEmpty ? [] : try sessions(of: initiator),
            assignment: try assignment(of: initiator), devices: devices)
    }

    /// By ID, of one account or of all; of hosts of a domain or of a user, by host. A page costs the same whatever stands before it.
    package func associations(within reach: Reach = .everything, _ request: PageRequest = PageRequest()) throws -> Page<AssociationRecord> {
        switch reach {
        case .everything: try associations(account: nil, request)
        case .account(let id): try associations(account: id, request)
        case .domain, .own: try associationsByHost(reach, request)
        }
    }

    /// A page's key is the host and the association, with a space between.
    private func associationsByHost(_ reach: Reach, _ request: PageRequest) throws -> Page<AssociationRecord> {
        let filter = Self.hostFilter(reach)
        let (host, after) =
            try request.after { text -> (String, Int64)? in
                let parts = text.split(separator: " ", omittingEmptySubsequences: false)
                guard parts.count == 2 else { return nil }
                return AssociationRecord.row(of: String(parts[1])).map { (String(parts[0]), $0) }
            } ?? ("", 0)
        let records = try rows(
            Self.columns + Self.byHost + "WHERE \(filter.condition)h.id >= ? AND (h.id > ? OR a.id > ?) ORDER BY h.id, a.id LIMIT ?",
            values: filter.values + [.text(host), .text(host), .integer(after), .integer(Int64(request.limit) + 1)],
            as: Self.record)
        let page = Page(records, request: request) { "\($0.association.hostID?.text ?? "") \($0.associationID)" }
        return Page(elements: try page.elements.map { try withSharers($0, visibleTo: reach.accountID) }, next: page.next)
    }

    private func associations(account: AccountID?, _ request: PageRequest) throws -> Page<AssociationRecord> {
        let after = SQLValue.integer(try request.after(AssociationRecord.row) ?? 0)
        let limit = SQLValue.integer(Int64(request.limit) + 1)
        let records =
            if let account {
                try rows(
                    Self.recordColumns + "WHERE a.account_id = ? AND a.id > ? ORDER BY a.id LIMIT ?",
                    values: [.text(account.text), after, limit], as: Self.record)
            } else {
                try rows(Self.recordColumns + "WHERE a.id > ? ORDER BY a.id LIMIT ?", values: [after, limit], as: Self.record)
            }
        let page = Page(records, request: request, key: \.associationID)
        return Page(elements: try page.elements.map { try withSharers($0, visibleTo: account) }, next: page.next)
    }

    package func association(_ id: Int64, within reach: Reach = .everything) throws -> AssociationRecord? {
        try row(Self.recordColumns + "WHERE a.id = ?", id).map(Self.record).map { try withSharers($0, visibleTo: reach.accountID) }
    }

    /// A host's own, and those that conflict with what it holds.
    package func associations(of host: HostID) throws -> [AssociationRecord] {
        try rows(
            Self.recordColumns + "WHERE a.host_id = ?1 OR a.conflicts_with = ?1 ORDER BY a.id", values: [.text(host.text)], as: Self.record
        ).map { try withSharers($0, visibleTo: nil) }
    }

    /// - Parameter account: nil for the provider; customers are not told of others' hosts.
    private func withSharers(_ record: AssociationRecord, visibleTo account: AccountID?) throws -> AssociationRecord {
        guard let volume = record.association.volume else { return record }
        var record = record
        record.sharedWith = try rows(
            """
            SELECT DISTINCT host_id FROM associations WHERE system_id = ?1 AND volume_id = ?2 AND state = 'confirmed' AND host_id IS NOT NULL
              AND host_id IS NOT ?3 AND (?4 IS NULL OR account_id = ?4) ORDER BY host_id LIMIT 100
            """,
            values: [
                .text(volume.systemID.text), .text(volume.volumeID), record.association.hostID?.sqlValue ?? .null,
                account?.sqlValue ?? .null,
            ]
        ) { try $0.identifier("host_id") }
        return record
    }

    private static let columns = """
        SELECT a.id, a.initiator, a.host_id, a.account_id, a.system_id, a.volume_id, a.volume_name, a.wwid, a.lun, a.size_bytes, a.state,
          a.note, a.conflicts_with, a.evidence, a.since, h.host_name, h.registered_by, d.name AS domain,
          c.host_name AS conflict_host_name, c.registered_at AS conflict_since\u{20}
        """

    /// CROSS JOIN keeps the order of the two: hosts first, each one's associations then.
    private static let byHost = """
        FROM hosts h CROSS JOIN associations a ON a.host_id = h.id LEFT JOIN domains d ON d.id = h.domain_id
          LEFT JOIN hosts c ON c.id = a.conflicts_with\u{20}
        """

    private static let recordColumns =
        columns + """
            FROM associations a LEFT JOIN hosts h ON h.id = a.host_id LEFT JOIN domains d ON d.id = h.domain_id
              LEFT JOIN hosts c ON c.id = a.conflicts_with\u{20}
            """

    private static func record(_ row: Row) throws -> AssociationRecord {
        AssociationRecord(
            id: try row.integer("id"), association: try association(row), since: try row.timestamp("since"),
            hostName: try row.optionalText("host_name"), domain: try row.optionalText("domain"),
            registeredBy: try row.optionalText("registered_by"), sharedWith: [],
            conflictHostName: try row.optionalText("conflict_host_name"), conflictSince: try row.optionalTimestamp("conflict_since"))
    }

    fileprivate static func association(_ row: Row) throws -> Association {
        var volume: AssociatedVolume?
        if let system = try row.optionalIdentifier("system_id", SystemID.self) {
            volume = AssociatedVolume(
                systemID: system, volumeID: try row.text("volume_id"), name: try row.text("volume_name"), wwid: try row.text("wwid"),
                lun: try row.optionalInteger("lun").map { Int($0) }, sizeBytes: try row.integer("size_bytes"))
        }
        return Association(
            initiator: try row.parsed("initiator", expected: "an initiator's name") { InitiatorName($0) },
            hostID: try row.optionalIdentifier("host_id"), accountID: try row.identifier("account_id"), volume: volume,
            state: try row.raw("state"), note: try row.optionalText("note"), conflictsWith: try row.optionalIdentifier("conflicts_with"),
            evidence: try evidence(row.text("evidence")))
    }

    private static func evidence(_ json: String) throws -> [Evidence] {
        try (JSONValue.parse(json.utf8).arrayValue ?? []).map { try Evidence(json: JSONFields($0)) }
    }
}

/// An association that became something else, for the audit log and notifications.
package struct AssociationChange: Sendable {
    package var id: Int64
    /// As it is now; where it went, as it was.
    package var subject: Association
    package var before: AssociationState?
    /// Nil where the row went: a claim that never met masking.
    package var after: Association?
    package var initiator: InitiatorName

    package var associationID: String { "association-\(id)" }
}

extension WriteTransaction {
    /// Recomputes the associations of these initiators, each alone, and keeps what changed. Claims, masking, sessions or assignments of
    /// theirs changed in this transaction.
    @discardableResult
    package func recomputeAssociations(initiators: some Sequence<InitiatorName>) throws -> [AssociationChange] {
        var changes: [AssociationChange] = []
        for initiator in Set(initiators).sorted() {
            changes += try recompute(initiator)
        }
        return changes
    }

    /// The same for the initiators that a volume is masked to, or was associated with.
    @discardableResult
    package func recomputeAssociations(system: SystemID, volumes: some Sequence<String>) throws -> [AssociationChange] {
        var initiators: Set<InitiatorName> = []
        for volume in Set(volumes) {
            initiators.formUnion(try initiatorsMasked(system: system, volume: volume))
            initiators.formUnion(
                try rows(
                    "SELECT DISTINCT initiator FROM associations WHERE system_id = ? AND volume_id = ?",
                    values: [.text(system.text), .text(volume)]
                ) { try $0.parsed("initiator", expected: "an initiator's name") { InitiatorName($0) } })
        }
        return try recomputeAssociations(initiators: initiators)
    }

    private func recompute(_ initiator: InitiatorName) throws -> [AssociationChange] {
        var old: [Association.Key: (id: Int64, association: Association)] = [:]
        try forEachRow(
            """
            SELECT id, initiator, host_id, account_id, system_id, volume_id, volume_name, wwid, lun, size_bytes, state, note, conflicts_with,
              evidence
            FROM associations WHERE initiator = ?
            """, initiator.description
        ) { row in
            let association = try Self.association(row)
            old[association.key] = (try row.integer("id"), association)
            return true
        }
        let previous = old.values.map(\.association)
        try letHeirsWait(previous, try view(of: initiator))
        let new = associate(try view(of: initiator), previous: previous)
        var changes: [AssociationChange] = []
        for association in new {
            let known = old.removeValue(forKey: association.key)
            if known?.association == association { continue }
            if let known { try update(known.id, association, stateChanged: known.association.state != association.state) }
            let id = try known?.id ?? insert(association)
            if known?.association.state != association.state {
                changes.append(
                    AssociationChange(
                        id: id, subject: association, before: known?.association.state, after: association, initiator: initiator))
            }
        }
        for (_, gone) in old {
            try execute("DELETE FROM associations WHERE id = ?", gone.id)
            changes.append(
                AssociationChange(
                    id: gone.id, subject: gone.association, before: gone.association.state, after: nil, initiator: initiator))
        }
        return changes
    }

    /// A claim that stood behind a holder's does not become true because the holder is gone: it waits for a person's word.
    private func letHeirsWait(_ previous: [Association], _ view: InitiatorView) throws {
        guard view.assignment == nil else { return }
        let standing = view.claims.filter { $0.state == .standing || $0.state == .awaiting }.map(\.hostID)
        for claim in view.claims where claim.state == .standing {
            let holders = previous.filter { $0.hostID == claim.hostID && $0.state == .conflict }.compactMap(\.conflictsWith)
            guard !holders.isEmpty, holders.allSatisfy({ !standing.contains($0) }) else { continue }
            try setClaimState(view.initiator, of: claim.hostID, .awaiting)
        }
    }

    private func insert(_ association: Association) throws -> Int64 {
        let volume = association.volume
        return try returnedID(
            """
            INSERT INTO associations (initiator, host_id, account_id, system_id, volume_id, volume_name, wwid, lun, size_bytes, state, note,
              conflicts_with, evidence, since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """, association.initiator.description, association.hostID, association.accountID, volume?.systemID, volume?.volumeID,
            volume?.name, volume?.wwid, volume?.lun, volume?.sizeBytes, association.state.rawValue, association.note,
            association.conflictsWith, Self.json(association.evidence), now)
    }

    private func update(_ id: Int64, _ association: Association, stateChanged: Bool) throws {
        let volume = association.volume
        try execute(
            """
            UPDATE associations SET account_id = ?, volume_name = ?, wwid = ?, lun = ?, size_bytes = ?, state = ?, note = ?,
              conflicts_with = ?, evidence = ?, since = CASE WHEN ? THEN ? ELSE since END
            WHERE id = ?
            """, association.accountID, volume?.name, volume?.wwid, volume?.lun, volume?.sizeBytes, association.state.rawValue,
            association.note, association.conflictsWith, Self.json(association.evidence), stateChanged, now, id)
    }

    private static func json(_ evidence: [Evidence]) -> String {
        var writer = JSONWriter()
        writer.array(evidence) { $1.write(to: &$0) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
