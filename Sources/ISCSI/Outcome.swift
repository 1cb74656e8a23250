/// How an iSCSI command ends: the documented list. Its raw values are the words of JSON answers and of docs/iscsi.md, and do not change.
///
/// Several share an exit code; the word tells them apart.
package enum ISCSIOutcome: String, Sendable, Equatable, CaseIterable {
    /// A session stands, and what was asked of it was verified.
    case connected
    /// What was asked, where no session was asked for.
    case done
    case unreachable
    case refused
    case notAnISCSIPortal = "not-an-iscsi-portal"
    case targetNotFound = "target-not-found"
    case authenticationWanted = "authentication-wanted"
    case wrongUserOrSecret = "wrong-user-or-secret"
    case mutualAuthenticationFailed = "mutual-authentication-failed"
    case noCommonAlgorithm = "no-common-algorithm"
    case loginRefused = "login-refused"
    case redirectedInACircle = "redirected-in-a-circle"
    case isnsServerNotFound = "isns-server-not-found"
    case initiatorMisconfigured = "initiator-misconfigured"
    case invalidParameter = "invalid-parameter"
    case serviceDown = "service-down"
    case noPermission = "no-permission"
    case alreadyConnected = "already-connected"
    case inUse = "in-use"
    case wwidNotAsExpected = "wwid-not-as-expected"
    case timedOut = "timed-out"
    case interrupted
    case listCutShort = "list-cut-short"

    /// After sysexits.h, as every command's.
    package var exitCode: Int32 {
        switch self {
        case .connected, .done: 0
        case .alreadyConnected, .inUse: 1
        case .invalidParameter: 64
        case .listCutShort: 65
        case .targetNotFound: 66
        case .unreachable, .refused, .notAnISCSIPortal, .noCommonAlgorithm, .redirectedInACircle, .isnsServerNotFound, .serviceDown: 69
        case .timedOut: 75
        case .authenticationWanted, .wrongUserOrSecret, .mutualAuthenticationFailed, .loginRefused, .noPermission, .wwidNotAsExpected: 77
        case .initiatorMisconfigured: 78
        // What a shell makes of SIGINT: the process ends by the signal itself.
        case .interrupted: 130
        }
    }

    /// What the reader can do now, as a sentence without its full stop; nil where nothing is to be done.
    package var nextStep: String? {
        switch self {
        case .connected, .done: nil
        case .unreachable: "check the address, the route and the network interface (--interface), and that the storage system is up"
        case .refused:
            "nothing listens at that port: check the port (3260 unless told) and that the iSCSI service of the storage system is on"
        case .notAnISCSIPortal: "something else answers there: check address and port, and whether a proxy or firewall stands between"
        case .targetNotFound:
            "list what this host may see (iscsi discover --portal); if the target is missing there, let the storage administrator allow this host's initiator name"
        case .authenticationWanted: "give a user and a secret (--chap-user and --chap-secret-file)"
        case .wrongUserOrSecret:
            "compare user and secret with those that the storage system holds for this initiator name; with mutual CHAP, see that it has a mutual user for this target"
        case .mutualAuthenticationFailed:
            "do not use this target: it did not prove that it knows the mutual secret, and another machine may be posing as it; ask the storage administrator, then compare the mutual user and secret"
        case .noCommonAlgorithm:
            "allow CHAP with SHA3-256, SHA-256, SHA-1 or MD5 on the storage system (a host in FIPS mode cannot use MD5)"
        case .loginRefused: "read the storage system's log for the refusal's reason; a busy system may take the login later"
        case .redirectedInACircle: "the storage system's portals send one another the login: let its administrator correct the redirection"
        case .isnsServerNotFound: "check the address and port of the iSNS server (3205 unless told) and that it runs"
        case .initiatorMisconfigured: "correct what is named; iscsi initiator show and iscsi show TARGET say how the initiator is set up"
        case .invalidParameter: "correct the value that is named"
        case .serviceDown: "start the initiator service, or let this command install and start it (--install)"
        case .noPermission: "run the command as root"
        case .alreadyConnected: "nothing is to be done; iscsi sessions shows the session"
        case .inUse: "unmount, or stop what is named, and try again"
        case .wwidNotAsExpected: "do not write to the volume: its logical unit number serves another one now; ask the storage administrator"
        case .timedOut: "try again; if it stays so, check the network for lost packets and the storage system for overload"
        case .interrupted: "run the command again to have it done"
        case .listCutShort:
            "use what is listed; for the rest, let the storage administrator show this host no more targets and portals than it needs"
        }
    }
}
