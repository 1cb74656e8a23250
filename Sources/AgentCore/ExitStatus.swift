import Glibc

/// How the program ends, after sysexits.h. This file alone maps errors to numbers; wrong options (64) are ArgumentParser's.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 64
    case badInput = 65
    case noInput = 66
    case unavailable = 69
    case cannotCreate = 73
    case inputOutput = 74
    case noAnswer = 75
    case refused = 77
    case badConfiguration = 78
}

extension AgentError {
    package var exitStatus: ExitStatus {
        switch self {
        case .file(.system(_, _, let errno)):
            switch errno {
            case ENOENT, ENOTDIR: .noInput
            case EACCES, EPERM: .refused
            case ENOSPC, EROFS, EDQUOT: .cannotCreate
            default: .inputOutput
            }
        // A full pad is what a full state directory is.
        case .cannotPublish(_, _, ENOSPC?), .cannotPublish(_, _, EROFS?), .cannotPublish(_, _, EDQUOT?): .cannotCreate
        case .file(.tooLarge), .file(.notRegular), .file(.notDirectory): .badInput
        case .file(.tooOpen), .stateReplaceable, .stateClosed, .notTrusted: .refused
        case .output: .inputOutput
        case .file(.locked), .busy, .alreadyRunning: .noAnswer
        case .configuration: .badConfiguration
        case .missing, .unanswered, .invalid, .trustOnFirstUseWithPassword: .usage
        case .controllerKeyRequired, .padNotBelieved, .refused: .refused
        case .emptySecret, .stateDamaged, .reportDamaged: .badInput
        case .notRegistered, .nothingNamed: .noInput
        case .padUnavailable, .helper, .helperRefused: .unavailable
        case .cannotPublish, .messageTooLarge: .inputOutput
        case .noAnswer, .padSilent, .memory: .noAnswer
        case .cryptography, .facts, .interrupted: .failed
        }
    }
}
