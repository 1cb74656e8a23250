import ControllerAPI
import Identifiers
import Provider
import Store

extension Handlers {
    func listInitiators(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.account()
        let page = try await store.read { try $0.initiators(account: account, request) }
        return .document(InitiatorList(initiators: page.elements.map(InitiatorDocument.init), next: page.next))
    }

    func assignInitiator(_ call: Call) async throws -> Answer {
        let initiator = try call.parameter("initiator", as: InitiatorName.self)
        let account = try call.document(InitiatorAssignment.self).accountID
        return .document(
            try await store.write { transaction in
                _ = try transaction.existingAccount(account)
                try transaction.assignInitiator(initiator, to: account, actor: call.actor.text)
                try transaction.audit(
                    actor: call.actor, action: "initiator.assign", subject: initiator.description, detail: "account=\(account)",
                    account: account)
                return try InitiatorDocument(initiator, in: transaction)
            })
    }

    func releaseInitiator(_ call: Call) async throws -> Answer {
        let initiator = try call.parameter("initiator", as: InitiatorName.self)
        return .document(
            try await store.write { transaction in
                let before = try InitiatorDocument(initiator, in: transaction)
                try transaction.releaseInitiator(initiator)
                try transaction.audit(
                    actor: call.actor, action: "initiator.release", subject: initiator.description,
                    account: before.assignedAccountID ?? before.accountID)
                return try InitiatorDocument(initiator, in: transaction)
            })
    }

    func listAssociations(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let reach = try call.listReach()
        let page = try await store.read { try $0.associations(within: reach, request) }
        return .document(
            AssociationList(associations: page.elements.map { AssociationDocument($0.seen(within: call.reach)) }, next: page.next))
    }

    func showAssociation(_ call: Call) async throws -> Answer {
        let id = try call.text("associationID")
        return .document(
            AssociationDocument(
                try await store.read { transaction in
                    guard call.reach != .everything else { return try transaction.existingAssociation(id) }
                    guard let number = AssociationRecord.row(of: id), let record = try transaction.association(number, within: call.reach),
                        call.reach.includes(record)
                    else { throw call.outside("association", id) }
                    return record.seen(within: call.reach)
                }))
    }

    func decideAssociation(_ call: Call, confirmed: Bool) async throws -> Answer {
        let id = try call.text("associationID")
        let reason = try call.reason()
        let dryRun = try call.dryRun()
        return try await store.foretellOrWrite(dryRun: dryRun) { transaction in
            let before = try transaction.existingAssociation(id)
            let changes = try transaction.decideAssociation(before.id, confirmed: confirmed)
            let detail = (reason.map { ["reason=\($0)"] } ?? []) + changes.map(\.auditText)
            try transaction.audit(
                actor: call.actor, action: confirmed ? "association.confirm" : "association.reject", subject: id,
                detail: detail.joined(separator: "; "), account: before.association.accountID)
            // A rejected claim without a volume leaves nothing behind: then what was is shown.
            let record = dryRun ? before : try transaction.association(before.id, within: call.reach) ?? before
            return AssociationDocument(record.seen(within: call.reach), changes: try changes.visible(to: call, in: transaction))
        }
    }
}

/// What would come of it; thrown, so that the transaction leaves no trace.
private struct Foretold<Document: APIDocument>: Error {
    let document: Document
}

extension Store {
    /// The document that `body` makes of what it did; with `dryRun` nothing of that is kept.
    func foretellOrWrite<Document: APIDocument>(
        dryRun: Bool, _ body: @escaping @Sendable (WriteTransaction) throws -> Document
    ) async throws -> Answer {
        do {
            return .document(
                try await write { transaction in
                    let document = try body(transaction)
                    if dryRun { throw Foretold(document: document) }
                    return document
                })
        } catch let foretold as Foretold<Document> {
            return .document(foretold.document)
        }
    }
}

extension [AssociationChange] {
    /// Those that the caller may see: of hosts within its reach.
    func visible(to call: Call, in transaction: ReadTransaction) throws -> [AssociationChangeDocument] {
        try filter { change in
            if case .everything = call.reach { return true }
            return try change.subject.hostID.flatMap { try transaction.host($0) }.map { call.reach.includes($0) } ?? false
        }.map {
            let seesVolume = call.reach == .everything || $0.before != .conflict && $0.after?.state != .conflict
            return try AssociationChangeDocument($0, volume: seesVolume ? $0.subject.volume : nil, in: transaction)
        }
    }
}

extension ReadTransaction {
    func existingAssociation(_ id: String) throws -> AssociationRecord {
        guard let number = AssociationRecord.row(of: id), let record = try association(number) else {
            throw HostActionError.noSuchAssociation(id)
        }
        return record
    }
}

extension InitiatorDocument {
    init(_ record: InitiatorRecord) { self.init(record.initiator, claims: record.claims, assignment: record.assignment) }

    init(_ initiator: InitiatorName, in transaction: ReadTransaction) throws {
        self.init(initiator, claims: try transaction.claims(on: initiator), assignment: try transaction.assignment(of: initiator))
    }

    private init(_ initiator: InitiatorName, claims: [Claim], assignment: Assignment?) {
        let standing =
            claims
            .filter { $0.state == .standing || $0.state == .awaiting }
            .sorted { ($0.firstClaimedAt, $0.hostID) < ($1.firstClaimedAt, $1.hostID) }
        let holder = holder(of: standing, assignment)
        self.init(
            initiator: initiator, transport: TransportName(initiator.transport),
            assignedAccountID: assignment?.accountID, assignedAt: assignment?.at, hostID: holder?.hostID,
            accountID: holder?.accountID, conflictingHostIDs: standing.map(\.hostID).filter { $0 != holder?.hostID })
    }
}

extension TransportName {
    init(_ transport: Transport) {
        self =
            switch transport {
            case .fc: .fc
            case .iscsi: .iscsi
            case .nvme: .nvme
            case .sas: .sas
            }
    }
}

extension AssociationChange {
    /// `association-6 (host-… on iqn.…): confirmed, then stale`. Without the volume: who claimed second reads this too.
    fileprivate var auditText: String {
        let place = "\(subject.hostID?.text ?? "no host") on \(initiator)"
        return "\(associationID) (\(place)): \(before?.rawValue ?? "none"), then \(after?.state.rawValue ?? "none")"
    }
}

extension AssociationChangeDocument {
    fileprivate init(_ change: AssociationChange, volume: AssociatedVolume?, in transaction: ReadTransaction) throws {
        let subject = change.subject
        self.init(
            associationID: change.associationID, accountID: subject.accountID, hostID: subject.hostID,
            hostName: try subject.hostID.flatMap { try transaction.host($0)?.hostName }, initiator: change.initiator,
            systemID: volume?.systemID, volumeID: volume?.volumeID, volumeName: volume?.name,
            before: change.before.map { AssociationStateName($0) }, after: change.after.map { AssociationStateName($0.state) })
    }
}

extension AssociationDocument {
    init(_ record: AssociationRecord, changes: [AssociationChangeDocument]? = nil) {
        let association = record.association
        self.init(
            associationID: record.associationID, accountID: association.accountID, hostID: association.hostID, hostName: record.hostName,
            initiator: association.initiator, systemID: association.volume?.systemID, volumeID: association.volume?.volumeID,
            volumeName: association.volume?.name, wwid: association.volume?.wwid, lun: association.volume?.lun.map(Int64.init),
            sizeBytes: association.volume?.sizeBytes, state: AssociationStateName(association.state), note: association.note,
            since: record.since,
            evidence: association.evidence.map { EvidenceDocument(kind: EvidenceKindName($0.kind), at: $0.at, source: $0.source) },
            domain: record.domain, registeredBy: record.registeredBy, sharedWith: record.sharedWith,
            conflictsWith: association.conflictsWith, changes: changes)
    }
}

extension AssociationStateName {
    init(_ state: AssociationState) {
        self =
            switch state {
            case .confirmed: .confirmed
            case .declared: .declared
            case .pending: .pending
            case .conflict: .conflict
            case .stale: .stale
            }
    }
}

extension EvidenceKindName {
    init(_ kind: EvidenceKind) {
        self =
            switch kind {
            case .claim: .claim
            case .masking: .masking
            case .device: .device
            case .session: .session
            case .accountPad: .accountPad
            case .assigned: .assigned
            }
    }
}
