import ControllerAPI
import Provider

/// What somebody must be for an operation.
package enum Demand: Equatable, Sendable {
    /// Anybody who reaches the controller.
    case nothing
    /// The provider, or somebody who is logged in.
    case login
    case permission(Permission)
}

extension ControllerAPI.Operation {
    /// One table; a test holds the routes' `callers` to it.
    package var demand: Demand {
        switch self {
        case .showOpenAPI, .openSession: .nothing
        case .showController, .showSession, .closeSession: .login
        case .backup: .permission(.backUp)
        case .showKeys, .rotateKeys: .permission(.manageKeys)
        case .createAccount, .listAccounts, .closeAccount: .permission(.manageAccounts)
        case .showAccount: .permission(.readAccount)
        case .setContract: .permission(.manageContracts)
        case .showContract: .permission(.readContract)
        case .createDomain: .permission(.manageDomains)
        case .listDomains: .permission(.readDomains)
        case .createUser, .listUsers, .disableUser, .enableUser, .unlockUser, .setPassword: .permission(.manageUsers)
        case .createToken, .listTokens, .revokeToken: .permission(.manageTokens)
        case .createPad, .listPads, .showPad, .checkPad, .repairPad, .purgePad, .removePad: .permission(.managePads)
        case .addSystem, .refreshSystem, .removeSystem: .permission(.manageSystems)
        case .showMetrics, .listSystems, .showSystem, .listVolumes, .showVolume, .listPorts, .listMasking, .listHistory:
            .permission(.readSystems)
        case .listHosts, .showHost, .listInstructions, .showInstruction: .permission(.readHosts)
        case .releaseHost, .removeHost: .permission(.manageHosts)
        case .suspendHost, .resumeHost: .permission(.suspendHosts)
        case .sendInstruction: .permission(.instructHosts)
        case .listInitiators, .assignInitiator, .releaseInitiator: .permission(.assignInitiators)
        case .listAssociations, .showAssociation: .permission(.readAssociations)
        case .confirmAssociation, .rejectAssociation: .permission(.decideAssociations)
        case .listAudit, .listNotifications, .closeNotification: .permission(.readAudit)
        case .verifyAudit: .permission(.manageKeys)
        }
    }
}

extension Caller {
    package init(_ role: Role) {
        self =
            switch role {
            case .providerAdmin: .provider
            case .customerAdmin: .customerAdmin
            case .domainAdmin: .domainAdmin
            case .serverAdmin: .serverAdmin
            case .endUser: .endUser
            }
    }
}
