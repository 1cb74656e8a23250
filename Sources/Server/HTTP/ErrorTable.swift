import ControllerAPI
import Daemons
import Files
import Glibc
import Logging
import PluginProtocol
import Provider
import ScratchPad
import Sealing
import Store
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
        case let error as PageError: ErrorReply(code: .badInput, message: error.description, subject: "after")
        case let error as NameError: ErrorReply(code: .badInput, message: error.description, subject: "name")
        case let error as ContractError: ErrorReply(code: .badInput, message: error.description)
        case let error as AccountError: ErrorReply(code: code(of: error), message: error.description, subject: error.subject)
        case let error as HostActionError: ErrorReply(code: code(of: error), message: error.description, subject: error.subject)
        case let error as InstructionError: ErrorReply(code: code(of: error), message: error.description)
        case let error as AuditFault: ErrorReply(code: .inputOutput, message: error.description)
        case let error as StoreError: storeReply(error, operation, logger)
        case let error as StorageSystemError: ErrorReply(code: code(of: error), message: error.description)
        case let error as DiscoveryError: ErrorReply(code: code(of: error), message: error.description)
        case let error as PluginCallError: ErrorReply(code: .unavailable, message: "the plug-in: \(error)")
        case let error as PadError: ErrorReply(code: code(of: error), message: error.description)
        case let error as PadStateError: ErrorReply(code: .conflict, message: error.description)
        case let error as BlockingWork.Failure: ErrorReply(code: .timedOut, message: error.description)
        case let error as ControllerKeysError:
            ErrorReply(code: .inputOutput, message: error.description)
        case is CancellationError:
            ErrorReply(code: .unavailable, message: "the controller is stopping; ask again when it runs")
        default: Self.unexpected(error, operation, logger)
        }
    }

    private static func unexpected(_ error: any Error, _ operation: String, _ logger: Logger) -> ErrorReply {
        logger.error("request failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
        return ErrorReply(code: .internal, message: "the controller failed at \(operation); its log says why")
    }

    private static func storeReply(_ error: StoreError, _ operation: String, _ logger: Logger) -> ErrorReply {
        switch error {
        case .locked, .full, .readOnly, .inputOutput, .corrupt:
            logger.error("the database failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
            return ErrorReply(code: .unavailable, message: error.description)
        case .alreadyExists(let path): return ErrorReply(code: .exists, message: error.description, subject: path)
        case .constraint(.unique, let subject):
            return ErrorReply(code: .exists, message: "there is one of that name already", subject: subject)
        case .constraint(.foreignKey, let subject):
            return ErrorReply(code: .conflict, message: "something that the request names is not there, or is in use", subject: subject)
        default: return unexpected(error, operation, logger)
        }
    }

    private static func code(of error: AccountError) -> ErrorCode {
        switch error {
        case .unknown: .notFound
        case .exists: .exists
        case .closed: .conflict
        case .poolForRole, .negativePool, .poolsAboveCapacity, .poolBelowUse, .roleInCustomerDomain, .tokenUses, .tokenLifetime,
            .padInterval, .padDirectory:
            .badInput
        }
    }

    private static func code(of error: StorageSystemError) -> ErrorCode {
        switch error {
        case .unknown, .unknownVolume: .notFound
        case .exists: .exists
        case .removed: .conflict
        case .badInterval: .badInput
        }
    }

    private static func code(of error: DiscoveryError) -> ErrorCode {
        switch error {
        case .plugin(.notFound): .noInput
        case .plugin(.badName), .option: .badInput
        case .plugin(.notTrusted): .notPermitted
        case .noIntroduction(_, let error), .unreachable(_, let error): code(of: error)
        case .anotherMachine: .conflict
        }
    }

    /// What the plug-in said of the request is the asker's to mend; a plug-in or system that does not answer may come back.
    private static func code(of error: PluginCallError) -> ErrorCode {
        switch error {
        case .fault(let fault) where fault.kind == .invalid: .badInput
        case .fault(let fault) where fault.kind == .notPermitted: .notPermitted
        case .fault(let fault) where fault.kind == .notFound: .noInput
        default: .unavailable
        }
    }

    private static func code(of error: PadError) -> ErrorCode {
        switch error {
        case .exists, .taken: .exists
        case .notMade: .cannotCreate
        case .gone, .notPublished, .silent: .unavailable
        case .header, .noTrace: .conflict
        case .file(let error): code(of: error)
        }
    }

    private static func code(of error: InstructionError) -> ErrorCode {
        switch error {
        case .noSuchInstruction: .notFound
        case .notRegistered, .unreachable, .tooMany, .keysInRotation, .othersOpen: .conflict
        case .lifetime: .badInput
        }
    }

    private static func code(of error: HostActionError) -> ErrorCode {
        switch error {
        case .noSuchHost, .noSuchAssociation, .noSuchInitiator: .notFound
        case .wrongState, .nothingToDecide, .closedAccount: .conflict
        }
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
        case .system(_, _, EACCES), .system(_, _, EPERM), .system(_, _, EROFS), .system(_, _, EEXIST), .system(_, _, ENOTEMPTY):
            .cannotCreate
        case .system(_, _, ENOSPC), .system(_, _, EDQUOT): .cannotCreate
        case .system, .tooLarge: .inputOutput
        case .notRegular, .notDirectory, .tooOpen: .badInput
        case .locked: .conflict
        }
    }
}

extension AccountError {
    fileprivate var subject: String? {
        switch self {
        case .unknown(_, let name), .exists(_, let name): name
        case .closed(let id): id.text
        default: nil
        }
    }
}

extension HostActionError {
    fileprivate var subject: String? {
        switch self {
        case .noSuchHost(let id), .wrongState(let id, _, _): id.text
        case .noSuchAssociation(let id), .nothingToDecide(let id, _): id
        case .noSuchInitiator(let name): name.description
        case .closedAccount(let id): id.text
        }
    }
}

extension FileError {
    fileprivate var subject: String {
        switch self {
        case .system(_, let path, _), .tooLarge(let path, _), .notRegular(let path), .notDirectory(let path), .tooOpen(let path, _),
            .locked(let path):
            path
        }
    }
}
