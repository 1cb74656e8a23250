import Identifiers
import Provider

/// What the provider and customers do to hosts, initiators and associations. Each leaves an audit record by its caller's name, and is visible
/// when the transaction ends.
package enum HostActionError: Error, Equatable, Sendable {
    case noSuchHost(HostID)
    case noSuchAssociation(String)
    case noSuchInitiator(InitiatorName)
    case wrongState(HostID, state: HostState, wanted: String)
    /// Nothing waits for a word: the association is of another state, or has no claim.
    case nothingToDecide(String, state: AssociationState)
    case closedAccount(AccountID)
}

extension HostActionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSuchHost(let id): "there is no host \(id); host list shows those there are"
        case .noSuchAssociation(let id): "there is no association \(id); association list shows those there are"
        case .noSuchInitiator(let name): "initiator \(name) is assigned to no account and claimed by no host"
        case .wrongState(let id, let state, let wanted): "host \(id) is \(state.rawValue); only one that is \(wanted) can be treated so"
        case .nothingToDecide(let id, let state): "association \(id) is \(state.rawValue) and waits for nobody's word"
        case .closedAccount(let id): "account \(id) is not open"
        }
    }
}

extension WriteTransaction {
    /// The host is heard no more until `resumeHost`; its record, keys and claims stay.
    package func suspendHost(_ id: HostID) throws {
        let host = try requireHost(id)
        guard host.state == .registered else { throw HostActionError.wrongState(id, state: host.state, wanted: "registered") }
        try setHostState(id, .suspended)
    }

    package func resumeHost(_ id: HostID) throws {
        let host = try requireHost(id)
        guard host.state == .suspended else { throw HostActionError.wrongState(id, state: host.state, wanted: "suspended") }
        try setHostState(id, .registered)
    }

    /// The next registration with this machine ID and right credentials may bring a new key at once.
    package func releaseHost(_ id: HostID) throws {
        _ = try requireHost(id)
        try execute("UPDATE hosts SET released_at = ? WHERE id = ?", now, id)
    }

    /// Keeps the record and ends the rest: keys are revoked, claims and open instructions withdrawn. Returns the changed associations.
    @discardableResult
    package func removeHost(_ id: HostID, by actor: Actor) throws -> [AssociationChange] {
        _ = try requireHost(id)
        try setHostState(id, .unregistered, removed: true)
        try setKeyStates(of: id, .revoked)
        try withdrawInstructions(of: id, because: "the host was removed", by: actor)
        return try recomputeAssociations(initiators: try withdrawClaims(of: id))
    }

    /// The host says farewell on a pad: its key there may register again. With its last pad the host itself ends; pads that were retired
    /// do not count, since nothing can be said there any more. What it was asked there and did not answer is withdrawn, for this reason.
    @discardableResult
    package func unregisterHost(_ id: HostID, on pad: PadID, because reason: String, by actor: Actor) throws -> [AssociationChange] {
        try setKeyStates(of: id, on: pad, .ended)
        try withdrawInstructions(of: id, because: reason, by: actor)
        let other = try row(
            """
            SELECT 1 AS one FROM host_keys k JOIN pads p ON p.id = k.pad_id
            WHERE k.host_id = ? AND k.state = 'active' AND p.state = 'active' LIMIT 1
            """, id)
        guard other == nil else { return [] }
        try setKeyStates(of: id, .ended)
        try withdrawInstructions(of: id, because: reason, by: actor)
        try setHostState(id, .unregistered)
        return try recomputeAssociations(initiators: try withdrawClaims(of: id))
    }

    @discardableResult
    package func assignInitiator(_ initiator: InitiatorName, to account: AccountID, actor: String) throws -> [AssociationChange] {
        guard try row("SELECT 1 AS one FROM accounts WHERE id = ? AND state = 'open'", account) != nil else {
            throw HostActionError.closedAccount(account)
        }
        try execute(
            """
            INSERT INTO initiator_assignments (initiator, account_id, assigned_at, actor) VALUES (?, ?, ?, ?)
            ON CONFLICT (initiator) DO UPDATE SET account_id = excluded.account_id, assigned_at = excluded.assigned_at, actor = excluded.actor
            """, initiator.description, account, now, actor)
        return try recomputeAssociations(initiators: [initiator])
    }

    /// Takes the provider's word back; said again, it changes nothing. A claim is not touched by it: `decideAssociation` rejects one.
    @discardableResult
    package func releaseInitiator(_ initiator: InitiatorName) throws -> [AssociationChange] {
        if try execute("DELETE FROM initiator_assignments WHERE initiator = ?", initiator.description) == 0 {
            guard try !claims(on: initiator).isEmpty else { throw HostActionError.noSuchInitiator(initiator) }
            return []
        }
        return try recomputeAssociations(initiators: [initiator])
    }

    /// A person says that an initiator is the host's (`confirmed`) or is not. That is about the host's claim, and with it about every
    /// association of this initiator, on every storage system, and about who claimed it next.
    @discardableResult
    package func decideAssociation(_ id: Int64, confirmed: Bool) throws -> [AssociationChange] {
        guard let record = try association(id) else { throw HostActionError.noSuchAssociation("association-\(id)") }
        let association = record.association
        guard let host = association.hostID, let claim = try claimStates(of: host)[association.initiator],
            claim == .awaiting || (!confirmed && claim == .standing)
        else { throw HostActionError.nothingToDecide(record.associationID, state: association.state) }
        try setClaimState(association.initiator, of: host, confirmed ? .standing : .rejected)
        return try recomputeAssociations(initiators: [association.initiator])
    }

    private func requireHost(_ id: HostID) throws -> HostRecord {
        guard let host = try host(id) else { throw HostActionError.noSuchHost(id) }
        return host
    }
}

/// An initiator with whom it is claimed by and assigned to, for `initiator list`.
package struct InitiatorRecord: Sendable {
    package var initiator: InitiatorName
    package var claims: [Claim]
    package var assignment: Assignment?
}

extension ReadTransaction {
    /// Those that are claimed or assigned, by name, of one account or of all.
    package func initiators(account: AccountID? = nil, _ request: PageRequest = PageRequest()) throws -> Page<InitiatorRecord> {
        // Two walks in order, each along an index, and no sorting of all that there is.
        let claimed = """
            SELECT DISTINCT initiator FROM initiator_claims
            WHERE \(account == nil ? "" : "account_id = ?1 AND") initiator > ?2 AND state IN ('standing', 'awaiting')
            ORDER BY initiator LIMIT ?3
            """
        let assigned = """
            SELECT initiator FROM initiator_assignments
            WHERE \(account == nil ? "" : "account_id = ?1 AND") initiator > ?2 ORDER BY initiator LIMIT ?3
            """
        let after = try request.after { InitiatorName($0) }
        let values: [SQLValue] = [account?.sqlValue ?? .null, .text(after?.description ?? ""), .integer(Int64(request.limit) + 1)]
        let texts = try (rows(claimed, values: values) + rows(assigned, values: values)).map { try $0.text("initiator") }
        let names = try Set(texts).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(request.limit + 1).map { text in
            guard let name = InitiatorName(text) else {
                throw StoreError.column(name: "initiator", expected: "an initiator's name", found: "other text")
            }
            return name
        }
        let page = Page(names, request: request, key: \.description)
        return Page(
            elements: try page.elements.map {
                InitiatorRecord(initiator: $0, claims: try claims(on: $0), assignment: try assignment(of: $0))
            },
            next: page.next)
    }
}
