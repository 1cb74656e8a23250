import ControllerAPI
import Identifiers
import Provider
import Store

/// Does what each operation asks for. One place knows all operations; the work stands in an extension for each noun.
struct Handlers: Sendable {
    let parts: ControllerParts

    var store: Store { parts.store }

    func handle(_ call: Call) async throws -> Answer {
        // A filter that names nobody gives no empty list. Who is none of the provider's people is told that it may not see that account.
        if case .everything = call.reach, let account = try call.account() { _ = try await store.read { try $0.existingAccount(account) } }
        if case .everything = call.reach, let system: SystemID = try call.optionalQuery("system") {
            guard try await store.read({ try $0.storageSystem(system) }) != nil else { throw StorageSystemError.unknown(system) }
        }
        return try await answer(call)
    }

    /// Every operation has a branch, or this does not compile.
    private func answer(_ call: Call) async throws -> Answer {
        switch call.operation {
        case .showController: try await showController()
        case .showOpenAPI: .json(try OpenAPIDocument.json(version: ControllerVersion.text).jsonBytes)
        case .showMetrics: .text(try await MetricsAnswer(registry: parts.metrics, parts: parts).text())
        case .backup: try await backup(call)
        case .showKeys: try await showKeys()
        case .rotateKeys: try await rotateKeys(call)
        case .openSession: try await openSession(call)
        case .showSession: try await showSession(call)
        case .closeSession: try await closeSession(call)
        case .createAccount: try await createAccount(call)
        case .listAccounts: try await listAccounts(call)
        case .showAccount: try await showAccount(call)
        case .closeAccount: try await closeAccount(call)
        case .setContract: try await setContract(call)
        case .showContract: try await showContract(call)
        case .createDomain: try await createDomain(call)
        case .listDomains: try await listDomains(call)
        case .createUser: try await createUser(call)
        case .listUsers: try await listUsers(call)
        case .disableUser: try await setState(.disabled, call)
        case .enableUser: try await setState(.enabled, call)
        case .unlockUser: try await unlockUser(call)
        case .setPassword: try await setPassword(call)
        case .createToken: try await createToken(call)
        case .listTokens: try await listTokens(call)
        case .revokeToken: try await revokeToken(call)
        case .createPad: try await createPad(call)
        case .listPads: try await listPads(call)
        case .showPad: try await showPad(call)
        case .checkPad: try await checkPad(call)
        case .repairPad: try await repairPad(call)
        case .purgePad: try await purgePad(call)
        case .removePad: try await removePad(call)
        case .addSystem: try await addSystem(call)
        case .listSystems: try await listSystems(call)
        case .showSystem: try await showSystem(call)
        case .refreshSystem: try await refreshSystem(call)
        case .removeSystem: try await removeSystem(call)
        case .listVolumes: try await listVolumes(call)
        case .showVolume: try await showVolume(call)
        case .listPorts: try await listPorts(call)
        case .listMasking: try await listMasking(call)
        case .listHistory: try await listHistory(call)
        case .listHosts: try await listHosts(call)
        case .showHost: try await showHost(call)
        case .suspendHost: try await suspendHost(call)
        case .resumeHost: try await resumeHost(call)
        case .releaseHost: try await releaseHost(call)
        case .removeHost: try await removeHost(call)
        case .sendInstruction: try await sendInstruction(call)
        case .listInstructions: try await listInstructions(call)
        case .showInstruction: try await showInstruction(call)
        case .listInitiators: try await listInitiators(call)
        case .assignInitiator: try await assignInitiator(call)
        case .releaseInitiator: try await releaseInitiator(call)
        case .listAssociations: try await listAssociations(call)
        case .showAssociation: try await showAssociation(call)
        case .confirmAssociation: try await decideAssociation(call, confirmed: true)
        case .rejectAssociation: try await decideAssociation(call, confirmed: false)
        case .listNotifications: try await listNotifications(call)
        case .closeNotification: try await closeNotification(call)
        case .listAudit: try await listAudit(call)
        case .verifyAudit: try await verifyAudit()
        }
    }
}

extension Call {
    func page() throws -> PageRequest { PageRequest(limit: try limit(), after: try after()) }

    /// For the audit.
    var actor: Actor { caller.actor }
}
