import ControllerAPI
import Identifiers
import Provider
import Store
import StrictJSON

extension Handlers {
    func listHosts(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.account()
        let page = try await store.read { try $0.hosts(account: account, request) }
        return .document(HostList(hosts: page.elements.map { HostDocument($0) }, next: page.next))
    }

    func showHost(_ call: Call) async throws -> Answer {
        let id = try call.parameter("hostID", as: HostID.self)
        return .document(
            try await store.read { transaction in
                let host = try transaction.existingHost(id)
                let inventory = try transaction.inventory(of: id).map { try JSONValue.parse($0.inventory) }
                let usage = try transaction.usage(of: id).map { try JSONValue.parse($0.fileSystems) }
                return HostDocument(host, inventory: inventory, fileSystems: FileSystemUsage.latest(inventory: inventory, usage: usage))
            })
    }

    func suspendHost(_ call: Call) async throws -> Answer { try await change(call, "host.suspend") { try $0.suspendHost($1) } }
    func resumeHost(_ call: Call) async throws -> Answer { try await change(call, "host.resume") { try $0.resumeHost($1) } }
    func releaseHost(_ call: Call) async throws -> Answer { try await change(call, "host.release") { try $0.releaseHost($1) } }
    func removeHost(_ call: Call) async throws -> Answer { try await change(call, "host.remove") { try $0.removeHost($1) } }

    private func change(
        _ call: Call, _ action: String, _ body: @escaping @Sendable (WriteTransaction, HostID) throws -> Void
    ) async throws -> Answer {
        let id = try call.parameter("hostID", as: HostID.self)
        let reason = try call.reason()
        if try call.dryRun() { return .document(HostDocument(try await store.read { try $0.existingHost(id) })) }
        return .document(
            HostDocument(
                try await store.write { transaction in
                    let account = try transaction.existingHost(id).accountID
                    try body(transaction, id)
                    try transaction.audit(
                        actor: call.actor, action: action, subject: id.text, detail: reason.map { "reason=\($0)" } ?? "", account: account)
                    return try transaction.existingHost(id)
                }))
    }
}

extension ReadTransaction {
    func existingHost(_ id: HostID) throws -> HostRecord {
        guard let host = try host(id) else { throw HostActionError.noSuchHost(id) }
        return host
    }
}

extension HostDocument {
    init(_ host: HostRecord, inventory: JSONValue? = nil, fileSystems: [JSONValue]? = nil) {
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
            registeredBy: host.registeredBy, removedAt: host.removedAt, inventory: inventory, fileSystems: fileSystems)
    }
}
