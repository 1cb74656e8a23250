import Identifiers
import Provider
import StrictJSON

extension ReadTransaction {
    package func claims(on initiator: InitiatorName) throws -> [Claim] {
        try rows(
            """
            SELECT c.host_id, c.state, c.first_claimed_at, c.claimed_at, c.message_id, c.pad_id, c.on_account_pad,
              h.host_name, h.account_id, h.cluster
            FROM initiator_claims c JOIN hosts h ON h.id = c.host_id WHERE c.initiator = ? ORDER BY c.first_claimed_at, c.host_id
            """, values: [.text(initiator.description)]
        ) { row in
            Claim(
                initiator: initiator, hostID: try row.identifier("host_id"), hostName: try row.text("host_name"),
                accountID: try row.identifier("account_id"), cluster: try row.optionalText("cluster"),
                firstClaimedAt: try row.timestamp("first_claimed_at"), claimedAt: try row.timestamp("claimed_at"),
                messageID: try row.text("message_id"), padID: try row.identifier("pad_id"),
                onAccountPad: try row.bool("on_account_pad"), state: try row.raw("state"))
        }
    }

    package func claimStates(of host: HostID) throws -> [InitiatorName: ClaimState] {
        var result: [InitiatorName: ClaimState] = [:]
        try forEachRow("SELECT initiator, state FROM initiator_claims WHERE host_id = ?", host) { row in
            result[try row.parsed("initiator", expected: "an initiator's name") { InitiatorName($0) }] = try row.raw("state")
            return true
        }
        return result
    }

    package func assignment(of initiator: InitiatorName) throws -> Assignment? {
        try row("SELECT account_id, assigned_at, actor FROM initiator_assignments WHERE initiator = ?", initiator.description).map {
            Assignment(accountID: try $0.identifier("account_id"), at: try $0.timestamp("assigned_at"), actor: try $0.text("actor"))
        }
    }
}

extension WriteTransaction {
    /// What a host reports now, against what it claimed before. Returns the initiators whose claims changed, and those of them that wait
    /// for confirmation.
    ///
    /// - Parameter awaiting: a new claim waits for a person's word: the host's initiators changed after its registration.
    package func saveClaims(
        _ reported: [InitiatorName], of host: HostID, messageID: MessageID, pad: PadID, onAccountPad: Bool, awaiting: Bool
    ) throws -> (changed: [InitiatorName], awaiting: [InitiatorName]) {
        let before = try claimStates(of: host)
        let now = now
        var changed: [InitiatorName] = []
        var waiting: [InitiatorName] = []
        let wanted = Set(reported)
        for initiator in wanted.sorted() {
            switch before[initiator] {
            case .standing, .awaiting:
                // The same word again: what it is graded by may have become better, never worse.
                if try execute(
                    """
                    UPDATE initiator_claims SET on_account_pad = 1, claimed_at = ?, message_id = ?, pad_id = ?
                    WHERE initiator = ? AND host_id = ? AND on_account_pad < ?
                    """, now, messageID.text, pad, initiator.description, host, onAccountPad) > 0
                {
                    changed.append(initiator)
                }
            case .rejected where awaiting:
                continue
            default:
                // The provider's word against it is not undone by registering once more: it waits for another.
                let state: ClaimState = awaiting || before[initiator] == .rejected ? .awaiting : .standing
                try execute(
                    """
                    INSERT INTO initiator_claims
                      (initiator, host_id, account_id, state, first_claimed_at, claimed_at, message_id, pad_id, on_account_pad)
                    VALUES (?, ?, (SELECT account_id FROM hosts WHERE id = ?), ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (initiator, host_id) DO UPDATE SET state = excluded.state, first_claimed_at = excluded.first_claimed_at,
                      claimed_at = excluded.claimed_at, message_id = excluded.message_id, pad_id = excluded.pad_id,
                      on_account_pad = excluded.on_account_pad
                    """, initiator.description, host, host, state.rawValue, now, now, messageID.text, pad, onAccountPad)
                changed.append(initiator)
                if state == .awaiting { waiting.append(initiator) }
            }
        }
        for (initiator, state) in before.sorted(by: { $0.key < $1.key })
        where !wanted.contains(initiator) && (state == .standing || state == .awaiting) {
            try setClaimState(initiator, of: host, .withdrawn)
            changed.append(initiator)
        }
        if !changed.isEmpty { try listInitiators(wanted.sorted(), of: host) }
        return (changed, waiting)
    }

    /// All claims of a host end: it unregistered or was removed. Returns the initiators that this concerns.
    package func withdrawClaims(of host: HostID) throws -> [InitiatorName] {
        let standing = try claimStates(of: host).filter { $0.value == .standing || $0.value == .awaiting }.keys.sorted()
        for initiator in standing { try setClaimState(initiator, of: host, .withdrawn) }
        return standing
    }

    func setClaimState(_ initiator: InitiatorName, of host: HostID, _ state: ClaimState) throws {
        try execute(
            "UPDATE initiator_claims SET state = ? WHERE initiator = ? AND host_id = ?", state.rawValue, initiator.description, host)
    }

    private func listInitiators(_ initiators: [InitiatorName], of host: HostID) throws {
        var writer = JSONWriter()
        writer.array(initiators) { $1.write(to: &$0) }
        try execute("UPDATE hosts SET initiators = ? WHERE id = ?", String(decoding: writer.bytes, as: UTF8.self), host)
    }
}
