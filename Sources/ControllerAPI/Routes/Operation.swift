/// Each thing that can be asked of the controller: `operationId` in the OpenAPI document.
package enum Operation: String, Sendable, CaseIterable {
    case showController, showOpenAPI, showMetrics, backup, showKeys, rotateKeys
    case openSession, showSession, closeSession
    case createAccount, listAccounts, showAccount, closeAccount, setContract, showContract
    case createDomain, listDomains
    case createUser, listUsers, disableUser, enableUser, unlockUser, setPassword
    case createToken, listTokens, revokeToken
    case createPad, listPads, showPad, checkPad, repairPad, purgePad, removePad
    case addSystem, listSystems, showSystem, refreshSystem, removeSystem
    case listVolumes, showVolume, listPorts, listMasking, listHistory
    case listHosts, showHost, suspendHost, resumeHost, releaseHost, removeHost
    case sendInstruction, listInstructions, showInstruction
    case listInitiators, assignInitiator, releaseInitiator
    case listAssociations, showAssociation, confirmAssociation, rejectAssociation
    case listNotifications, closeNotification
    case listAudit, verifyAudit
}
