/// How a command ends, after sysexits.h; the same for all commands.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// The message says why.
    case failed = 1
    case usage = 64
    case dataError = 65
    case noInput = 66
    case unavailable = 69
    case cannotCreate = 73
    case inputOutput = 74
    /// No answer in time: try again.
    case temporary = 75
    /// Not permitted, or not believed.
    case refused = 77
    case configuration = 78
}

extension ErrorCode {
    /// The one table of the interface: each reason, its HTTP status, and how a command that meets it ends.
    package var row: (httpStatus: Int, exit: ExitStatus) {
        switch self {
        case .badInput: (400, .dataError)
        case .notAuthenticated: (401, .refused)
        case .notPermitted: (403, .refused)
        case .notFound: (404, .noInput)
        case .methodNotAllowed: (405, .usage)
        case .exists: (409, .cannotCreate)
        case .conflict: (409, .failed)
        case .inUse: (409, .failed)
        case .tooLarge: (413, .dataError)
        case .noInput: (422, .noInput)
        case .cannotCreate: (422, .cannotCreate)
        case .inputOutput: (500, .inputOutput)
        case .internal: (500, .failed)
        case .unavailable: (503, .unavailable)
        case .timedOut: (504, .temporary)
        }
    }
}
