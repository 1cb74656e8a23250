import Identifiers
import Provider
import StrictJSON

extension ReadTransaction {
    package func host(_ id: HostID) throws -> HostRecord? {
        try row(Self.hostColumns + "WHERE h.id = ?", id).map(Self.hostRecord)
    }

    /// By ID. A page costs the same whatever stands before it.
    package func hosts(within reach: Reach = .everything, _ request: PageRequest = PageRequest()) throws -> Page<HostRecord> {
        let filter = Self.hostFilter(reach)
        return try page(
            Self.hostColumns + "WHERE \(filter.condition)h.id > ? ORDER BY h.id LIMIT ?", values: filter.values, request: request,
            key: \.hostID, as: Self.hostRecord)
    }

    /// The condition on `hosts h`, with an AND behind it, that an index of its own serves.
    static func hostFilter(_ reach: Reach) -> (condition: String, values: [SQLValue]) {
        switch reach {
        case .everything: ("", [])
        case .account(let id): ("h.account_id = ? AND ", [id.sqlValue])
        case .domain(let id, _, _): ("h.domain_id = ? AND ", [id.sqlValue])
        case .own(let id, _): ("h.registered_by = ? AND ", [.text(Actor.user(id).text)])
        }
    }

    /// The host with this machine ID in this account, with the key that speaks for it on the pad (with nil, on any).
    package func knownHost(account: AccountID, machineID: String, on pad: PadID? = nil) throws -> KnownHost? {
        let row = try row(Self.knownHostColumns + "WHERE account_id = ? AND machine_id = ?", account, machineID)
        return try row.map { try knownHost($0, key: activeKey(of: $0.identifier("host_id"), on: pad)) }
    }

    package func knownHost(_ id: HostID) throws -> KnownHost? {
        try row(Self.knownHostColumns + "WHERE id = ?", id).map { try knownHost($0, key: activeKey(of: id)) }
    }

    private static let knownHostColumns = """
        SELECT id AS host_id, account_id, machine_id, host_name, state AS host_state, registered_at, removed_at, released_at,
          heard_within
        FROM hosts\u{20}
        """

    private static let hostColumns = """
        SELECT h.id, h.account_id, d.name AS domain, h.registered_by, h.machine_id, h.host_name, h.cluster, h.level, h.agent_version, h.state,
          h.initiators, h.registered_at, h.last_report_at, h.removed_at, h.released_at
        FROM hosts h LEFT JOIN domains d ON d.id = h.domain_id\u{20}
        """

    private static func hostRecord(_ row: Row) throws -> HostRecord {
        HostRecord(
            hostID: try row.identifier("id"), hostName: try row.text("host_name"), accountID: try row.identifier("account_id"),
            domain: try row.optionalText("domain"), state: try row.raw("state"), registeredBy: try row.text("registered_by"),
            machineID: try row.text("machine_id"), cluster: try row.optionalText("cluster"), level: Int(try row.integer("level")),
            agentVersion: try row.text("agent_version"), registeredAt: try row.timestamp("registered_at"),
            lastReportAt: try row.timestamp("last_report_at"), removedAt: try row.optionalTimestamp("removed_at"),
            releasedAt: try row.optionalTimestamp("released_at"), initiators: try initiators(row.text("initiators")))
    }

    private static func initiators(_ json: String) throws -> [InitiatorName] {
        try JSONValue.parse(json.utf8).arrayValue?.compactMap { entry in
            ["wwpn", "iqn", "nqn"].lazy.compactMap { entry[$0]?.stringValue }.first.flatMap { InitiatorName($0) }
        } ?? []
    }
}

/// What a registration says of a host.
package struct HostRegistration: Sendable {
    package var accountID: AccountID
    package var domainID: DomainID?
    package var registeredBy: String
    package var machineID: String
    package var hostName: String
    package var cluster: String?
    package var level: Int
    package var agentVersion: String

    package init(
        accountID: AccountID, domainID: DomainID?, registeredBy: String, machineID: String, hostName: String, cluster: String?, level: Int,
        agentVersion: String
    ) {
        self.accountID = accountID
        self.domainID = domainID
        self.registeredBy = registeredBy
        self.machineID = machineID
        self.hostName = hostName
        self.cluster = cluster
        self.level = level
        self.agentVersion = agentVersion
    }
}

extension WriteTransaction {
    package func addHost(_ id: HostID, _ registration: HostRegistration) throws {
        try execute(
            """
            INSERT INTO hosts (id, account_id, domain_id, registered_by, machine_id, host_name, cluster, level, agent_version, state,
              initiators, registered_at, last_report_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'registered', '[]', ?, ?)
            """, id, registration.accountID, registration.domainID, registration.registeredBy, registration.machineID,
            registration.hostName, registration.cluster, registration.level, registration.agentVersion, now, now)
    }

    /// The same host registers again: what it says of itself is new, its record stays.
    package func renewHost(_ id: HostID, _ registration: HostRegistration) throws {
        try execute(
            """
            UPDATE hosts SET domain_id = ?, registered_by = ?, host_name = ?, cluster = ?, level = ?, agent_version = ?, state = 'registered',
              registered_at = CASE state WHEN 'unregistered' THEN ? ELSE registered_at END, last_report_at = ?, removed_at = NULL,
              released_at = NULL
            WHERE id = ?
            """, registration.domainID, registration.registeredBy, registration.hostName, registration.cluster, registration.level,
            registration.agentVersion, now, now, id)
    }

    package func noteReport(of host: HostID, hostName: String? = nil, agentVersion: String? = nil) throws {
        try execute(
            "UPDATE hosts SET last_report_at = ?, host_name = coalesce(?, host_name), agent_version = coalesce(?, agent_version) WHERE id = ?",
            now, hostName, agentVersion, host)
    }

    /// The host's word that it is heard at least once in so many seconds.
    package func noteHeardWithin(_ seconds: Int64, of host: HostID) throws {
        try execute("UPDATE hosts SET heard_within = ? WHERE id = ? AND heard_within IS NOT ?", seconds, host, seconds)
    }

    func setHostState(_ host: HostID, _ state: HostState, removed: Bool = false) throws {
        try execute(
            "UPDATE hosts SET state = ?, removed_at = CASE WHEN ? THEN ? ELSE removed_at END WHERE id = ?", state.rawValue, removed, now,
            host)
    }
}
