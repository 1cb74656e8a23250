import ISCSI

/// How `iscsiadm` ends (open-iscsi's include/iscsi_err.h, iscsiadm(8)).
package enum IscsiadmStatus: Int32, Sendable, CaseIterable {
    case success = 0
    case error = 1
    case sessionNotFound = 2
    case noMemory = 3
    case transport = 4
    case login = 5
    case database = 6
    case invalid = 7
    case transportTimeout = 8
    case internalError = 9
    case logout = 10
    case pduTimeout = 11
    case transportNotFound = 12
    case access = 13
    case transportCapability = 14
    case sessionExists = 15
    case invalidRequest = 16
    case isnsUnavailable = 17
    case daemonCommunication = 18
    case fatalLogin = 19
    case daemonNotConnected = 20
    case noObjectsFound = 21
    case sysfsLookup = 22
    case hostNotFound = 23
    case loginAuthentication = 24
    case isnsQuery = 25
    case isnsRegistration = 26
    case notSupported = 27
    case busy = 28
    case again = 29
    case unknownDiscovery = 30
    case childTerminated = 31
    case sessionNotConnected = 32
    case requestTimedOut = 33

    /// What a login or logout that ended so came to.
    package var outcome: ISCSIOutcome {
        switch self {
        case .success: .done
        case .sessionExists: .alreadyConnected
        case .loginAuthentication: .wrongUserOrSecret
        case .transport: .unreachable
        case .transportTimeout, .pduTimeout, .requestTimedOut, .again: .timedOut
        case .daemonCommunication, .daemonNotConnected, .transportNotFound, .transportCapability, .childTerminated: .serviceDown
        case .access: .noPermission
        case .invalid, .notSupported, .unknownDiscovery, .invalidRequest: .invalidParameter
        case .database, .noObjectsFound, .sysfsLookup, .internalError, .noMemory, .hostNotFound, .error: .initiatorMisconfigured
        case .isnsUnavailable, .isnsQuery, .isnsRegistration: .isnsServerNotFound
        case .sessionNotFound, .sessionNotConnected: .targetNotFound
        case .busy: .inUse
        case .login, .fatalLogin, .logout: .loginRefused
        }
    }
}
