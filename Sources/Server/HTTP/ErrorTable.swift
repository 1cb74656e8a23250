import ControllerAPI
import Files
import Glibc
import Logging
import StrictJSON

/// What each error means to whoever asked. An error that is not listed is the controller's own fault: its text stays in the log.
package enum ErrorTable {
    package static func reply(for error: any Error, operation: String, logger: Logger) -> ErrorReply {
        switch error {
        case let error as RequestError:
            ErrorReply(code: error.code.0, message: error.description, subject: error.code.subject)
        case let error as JSONError:
            ErrorReply(code: .badInput, message: "the request's document: \(error)", subject: subject(of: error))
        case let error as FileError:
            ErrorReply(code: code(of: error), message: error.description, subject: error.subject)
        default: Self.unexpected(error, operation, logger)
        }
    }

    private static func unexpected(_ error: any Error, _ operation: String, _ logger: Logger) -> ErrorReply {
        logger.error("request failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
        return ErrorReply(code: .internal, message: "the controller failed at \(operation); its log says why")
    }

    private static func subject(of error: JSONError) -> String? {
        switch error {
        case .missing(let path), .wrongType(let path, _), .invalid(let path, _): path.isEmpty ? nil : path
        case .duplicateKey(let key, _): key
        case .tooLarge, .syntax, .tooDeep: nil
        }
    }

    private static func code(of error: FileError) -> ErrorCode {
        switch error {
        case .system(_, _, ENOENT), .system(_, _, ENOTDIR): .noInput
        case .system(_, _, EACCES), .system(_, _, EPERM), .system(_, _, EROFS), .system(_, _, EEXIST), .system(_, _, ENOTEMPTY): .cannotCreate
        case .system(_, _, ENOSPC), .system(_, _, EDQUOT): .cannotCreate
        case .system, .tooLarge: .inputOutput
        case .notRegular, .notDirectory, .tooOpen: .badInput
        case .locked: .conflict
        }
    }
}

extension FileError {
    fileprivate var subject: String {
        switch self {
        case .system(_, let path, _), .tooLarge(let path, _), .notRegular(let path), .notDirectory(let path), .tooOpen(let path, _),
            .locked(let path): path
        }
    }
}
