import ControllerAPI
import Identifiers
import Provider
import Store
import StrictJSON

extension Handlers {
    func listHosts(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let reach = try call.listReach()
        let page = try await store.read { try $0.hosts(within: reach, request) }
        return .document(HostList(hosts: page.elements.map { HostDocument($0) }, next: page.next))
    }

    func showHost(_ call: Call) async throws -> Answer {
        let id = try call.parameter("hostID", as: HostID.self)
        return .document(
            try await store.read { transaction in
                let host = try transaction.host(id, for: call)
                let instructions = try transaction.latestInstructions(of: id, limit: 10)
                let inventory = try transaction.inventory(of: id).map { try JSONValue.parse($0.inventory) }
                let usage = try transaction.usage(of: id).map { try JSONValue.parse($0.fileSystems) }
                return HostDocument(
                    host, inventory: inventory, fileSystems: FileSystemUsage.latest(inventory: inventory, usage: usage),
                    instructions: instructions.map { InstructionDocument($0, now: transaction.now) })
            })
    }

    func suspendHost(_ call: Call) async throws -> Answer { try await change(call, "host.suspend") { try $0.suspendHost($1) } }
    func resumeHost(_ call: Call) async throws -> Answer { try await change(call, "host.resume") { try $0.resumeHost($1) } }
    func releaseHost(_ call: Call) async throws -> Answer { try await change(call, "host.release") { try $0.releaseHost($1) } }

    func removeHost(_ call: Call) async throws -> Answer {
        try await changeAssociations(call, "host.remove") { try $0.removeHost($1, by: call.actor) }
    }

    private func change(
        _ call: Call, _ action: String, _ body: @escaping @Sendable (WriteTransaction, HostID) throws -> Void
    ) async throws -> Answer {
        try await changeAssociations(call, action) { transaction, host in
            try body(transaction, host)
            return nil
        }
    }

    private func changeAssociations(
        _ call: Call, _ action: String, _ body: @escaping @Sendable (WriteTransaction, HostID) throws -> [AssociationChange]?
    ) async throws -> Answer {
        let id = try call.parameter("hostID", as: HostID.self)
        let reason = try call.reason()
        let dryRun = try call.dryRun()
        return try await store.foretellOrWrite(dryRun: dryRun) { transaction in
            let host = try transaction.host(id, for: call)
            // Else a customer could undo a suspension: a removed host may register again.
            if host.state == .suspended, call.caller.role != .provider {
                throw HostActionError.wrongState(id, state: host.state, wanted: "resumed by the provider")
            }
            let changes = try body(transaction, id)
            try transaction.audit(
                actor: call.actor, action: action, subject: id.text, detail: reason.map { "reason=\($0)" } ?? "", account: host.accountID)
            return HostDocument(
                dryRun ? host : try transaction.existingHost(id), changes: try changes?.visible(to: call, in: transaction))
        }
    }
}

extension ReadTransaction {
    func existingHost(_ id: HostID) throws -> HostRecord {
        guard let host = try host(id) else { throw HostActionError.noSuchHost(id) }
        return host
    }

    /// The host, where the caller may see it.
    func host(_ id: HostID, for call: Call) throws -> HostRecord {
        guard call.reach != .everything else { return try existingHost(id) }
        guard let host = try host(id), call.reach.includes(host) else { throw call.outside("host", id.text) }
        return host
    }
}

extension HostDocument {
    init(
        _ host: HostRecord, inventory: JSONValue? = nil, fileSystems: [JSONValue]? = nil, instructions: [InstructionDocument]? = nil,
        changes: [AssociationChangeDocument]? = nil
    ) {
        let state: HostStateName =
            switch host.state {
            case .registered: .registered
            case .unregistered: .unregistered
            case .suspended: .suspended
            }
        self.init(
            hostID: host.hostID, hostName: host.hostName, accountID: host.accountID, domain: host.domain, state: state,
            registeredAt: host.registeredAt, lastReportAt: host.lastReportAt, initiators: host.initiators.map(HostInitiatorDocument.init),
            machineID: host.machineID, level: host.level, cluster: host.cluster, agentVersion: host.agentVersion,
            registeredBy: host.registeredBy, removedAt: host.removedAt, inventory: inventory, fileSystems: fileSystems,
            instructions: instructions, changes: changes)
    }
}
