import Identifiers
import Provider
import StrictJSON

/// Lists over all storage systems. A page's key is a JSON array of the columns that the list is ordered by.
extension ReadTransaction {
    package func volume(_ system: SystemID, _ volume: VolumeID) throws -> VolumeRecord? {
        try row("SELECT * FROM volumes WHERE system_id = ? AND volume_id = ?", system, volume.text).map(VolumeRecord.init(row:))
    }

    /// By system and volume; of one system, and those associated with one account. Volumes that have gone only where asked for.
    package func volumes(
        system: SystemID? = nil, account: AccountID? = nil, includingGone: Bool = false, _ request: PageRequest = PageRequest()
    ) throws -> Page<VolumeRecord> {
        var query: KeysetQuery
        if let account {
            // From the account's associations, in their own order: others' volumes are not walked through.
            query = try KeysetQuery(
                table: "associations a CROSS JOIN volumes v ON v.system_id = a.system_id AND v.volume_id = a.volume_id",
                keys: ["a.system_id", "a.volume_id"], origin: [.text(""), .text("")], request, of: system, isGrouped: true)
            query.filter("a.account_id = ?", account.sqlValue)
            query.filter("a.state <> 'conflict'")
        } else {
            query = try KeysetQuery(
                table: "volumes v", keys: ["v.system_id", "v.volume_id"], origin: [.text(""), .text("")], request, of: system)
        }
        if !includingGone { query.filter("v.gone_at IS NULL") }
        return try page(query, "v.*", request, as: VolumeRecord.init(row:)) {
            [.string($0.systemID.text), .string($0.volume.volumeID.text)]
        }
    }

    /// By system and port; of one system, and of systems that one account uses.
    package func ports(
        system: SystemID? = nil, account: AccountID? = nil, _ request: PageRequest = PageRequest()
    ) throws -> Page<PortRecord> {
        var query = try KeysetQuery(
            table: "storage_ports p", keys: ["p.system_id", "p.port_id"], origin: [.text(""), .text("")], request, of: system)
        if let account { query.filter(Self.used(by: "p.system_id"), account.sqlValue) }
        return try page(query, "p.*", request, as: PortRecord.init(row:)) { [.string($0.systemID.text), .string($0.port.portID.text)] }
    }

    /// By system, volume, initiator and number; of one system, and of volumes associated with one account.
    package func masking(
        system: SystemID? = nil, account: AccountID? = nil, _ request: PageRequest = PageRequest()
    ) throws -> Page<MaskingRecord> {
        var query = try KeysetQuery(
            table: "masking m", keys: ["m.system_id", "m.volume_id", "m.initiator", "m.lun"],
            origin: [.text(""), .text(""), .text(""), .integer(-1)], request, of: system)
        if let account {
            // Of a volume that others share, an account sees its own initiators.
            query.filter(Self.associated(with: "m") + " AND a.initiator = m.initiator)", account.sqlValue)
        }
        return try page(query, "m.*", request, as: MaskingRecord.init(row:)) {
            [.string($0.systemID.text), .string($0.entry.volumeID.text), .string($0.entry.initiator.description), .integer($0.entry.lun)]
        }
    }

    /// By sequence, the oldest first; of one system, and about volumes of one account and their masking to its initiators.
    package func storageHistory(
        system: SystemID? = nil, account: AccountID? = nil, _ request: PageRequest = PageRequest()
    ) throws -> Page<HistoryRecord> {
        var query = try KeysetQuery(table: "storage_history h", keys: ["h.sequence"], origin: [.integer(0)], request)
        if let system { query.filter("h.system_id = ?", system.sqlValue) }
        if let account {
            query.filter(
                """
                EXISTS (SELECT 1 FROM associations a WHERE a.system_id = h.system_id AND a.account_id = ? AND a.state <> 'conflict'
                  AND (h.object = 'volume' AND h.object_id = a.volume_id OR h.object = 'masking'
                    AND substr(h.object_id, 1, length(a.volume_id) + length(a.initiator) + 2) = a.volume_id || ' ' || a.initiator || ' '))
                """, account.sqlValue)
        }
        return try page(query, "h.*", request, as: HistoryRecord.init(row:)) { [.integer($0.sequence)] }
    }

    static func used(by system: String) -> String {
        "EXISTS (SELECT 1 FROM associations a WHERE a.system_id = \(system) AND a.account_id = ? AND a.state <> 'conflict')"
    }

    private static func associated(with table: String) -> String {
        """
        EXISTS (SELECT 1 FROM associations a WHERE a.system_id = \(table).system_id AND a.volume_id = \(table).volume_id AND a.account_id = ?
          AND a.state <> 'conflict'
        """
    }

    private func page<Element: Sendable>(
        _ query: KeysetQuery, _ columns: String, _ request: PageRequest, as body: (Row) throws -> Element,
        key: (Element) -> [JSONValue]
    ) throws -> Page<Element> {
        let statement = query.statement(columns)
        return Page(try rows(statement.sql, values: statement.values, as: body), request: request) { JSONValue.array(key($0)).jsonText }
    }
}

/// A SELECT of one page, ordered by a key of several columns.
private struct KeysetQuery {
    let table: String
    let keys: [String]
    private let limit: Int
    private let isGrouped: Bool
    private var conditions: [String] = []
    private var values: [SQLValue] = []

    /// - Parameters:
    ///   - origin: a key that is less than any, so that the first page is found by the index as all others are.
    ///   - system: the one value of the first column that is wanted.
    ///   - isGrouped: rows of one key are one entry.
    init(table: String, keys: [String], origin: [SQLValue], _ request: PageRequest, of system: SystemID? = nil, isGrouped: Bool = false)
        throws
    {
        self.table = table
        self.keys = keys
        self.isGrouped = isGrouped
        limit = request.limit
        var key = try request.after { Self.key($0, like: origin) } ?? origin
        var columns = keys
        if let system {
            // By itself, so that the index leads to the rest of the key.
            filter("\(columns.removeFirst()) = ?", system.sqlValue)
            let first = key.removeFirst()
            // One of another system's list.
            if let after = request.after, first != system.sqlValue { throw PageError.cursor(after) }
        }
        conditions.append("(\(columns.joined(separator: ", "))) > (\(columns.map { _ in "?" }.joined(separator: ", ")))")
        values += key
    }

    mutating func filter(_ condition: String, _ value: SQLValue? = nil) {
        conditions.append(condition)
        if let value { values.append(value) }
    }

    func statement(_ columns: String) -> (sql: String, values: [SQLValue]) {
        let order = keys.joined(separator: ", ")
        return (
            "SELECT \(columns) FROM \(table) WHERE \(conditions.joined(separator: " AND "))\(isGrouped ? " GROUP BY \(order)" : "") "
                + "ORDER BY \(order) LIMIT ?",
            values + [.integer(Int64(limit) + 1)]
        )
    }

    /// Nil for what has not as many values as `origin`, each of its kind.
    private static func key(_ text: String, like origin: [SQLValue]) -> [SQLValue]? {
        let array: [JSONValue]?
        // A key that is no JSON is one that nobody got from us.
        do { array = try JSONValue.parse(text).arrayValue } catch { return nil }
        guard let array, array.count == origin.count else { return nil }
        let values: [SQLValue] = zip(array, origin).compactMap { value, origin in
            switch (value, origin) {
            case (.string(let text), .text): .text(text)
            case (.integer(let integer), .integer): .integer(integer)
            default: nil
            }
        }
        return values.count == origin.count ? values : nil
    }
}

extension VolumeRecord {
    fileprivate init(row: Row) throws {
        try self.init(
            systemID: row.identifier("system_id"), volume: Volume(row: row), firstSeenAt: row.timestamp("first_seen_at"),
            goneAt: row.optionalTimestamp("gone_at"))
    }
}

extension PortRecord {
    fileprivate init(row: Row) throws { try self.init(systemID: row.identifier("system_id"), port: StoragePort(row: row)) }
}

extension MaskingRecord {
    fileprivate init(row: Row) throws {
        try self.init(systemID: row.identifier("system_id"), entry: MaskingEntry(row: row), since: row.timestamp("since"))
    }
}

extension HistoryRecord {
    fileprivate init(row: Row) throws {
        let (before, after) = (try row.optionalJSONObject("before"), try row.optionalJSONObject("after"))
        let change: HistoryEvent.Change
        switch (before, after) {
        case (let before?, let after?): change = .changed(before: before, after: after)
        case (let before?, nil): change = .went(before)
        case (nil, let after?): change = .appeared(after)
        case (nil, nil): throw StoreError.column(name: "storage_history.after", expected: "a JSON object", found: "null")
        }
        try self.init(
            sequence: row.integer("sequence"), at: row.timestamp("at"), systemID: row.identifier("system_id"),
            event: HistoryEvent(object: row.raw("object"), objectID: row.text("object_id"), change: change))
    }
}
