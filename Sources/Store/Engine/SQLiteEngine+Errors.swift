import Files
import GRDB
import Glibc

extension SQLiteEngine {
    /// SQLite's result codes (https://www.sqlite.org/rescode.html) as what somebody can do about them.
    static func error(from error: any Error, path: String) -> StoreError {
        switch error {
        case let error as StoreError: return error
        case let error as FileError: return Self.error(from: error, path: path)
        case let error as DatabaseError: return Self.error(from: error, path: path)
        default: return .cannotOpen(path: path, detail: String(describing: error))
        }
    }

    /// An error of the caller's own passes as it is.
    static func translated(_ error: any Error, path: String) -> any Error {
        error is DatabaseError ? Self.error(from: error, path: path) : error
    }

    static func error(from error: FileError, path: String) -> StoreError {
        switch error {
        case .tooOpen(let path, let mode): .tooOpen(path: path, mode: mode)
        case .system(_, _, let errno) where errno == ENOSPC || errno == EDQUOT || errno == EFBIG: .full(path: path)
        case .system(_, _, let errno) where errno == EROFS: .readOnly(path: path)
        case .system(_, _, let errno) where errno == ENOENT: .missing(path: path)
        default: .cannotOpen(path: path, detail: String(describing: error))
        }
    }

    private static func error(from error: DatabaseError, path: String) -> StoreError {
        let message = error.message ?? "no message"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .locked(path: path)
        case .SQLITE_FULL: return .full(path: path)
        case .SQLITE_READONLY: return .readOnly(path: path)
        case .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH: return .cannotOpen(path: path, detail: message)
        case .SQLITE_CORRUPT: return .corrupt(path: path, detail: message)
        case .SQLITE_NOTADB: return .notADatabase(path: path)
        case .SQLITE_IOERR: return .inputOutput(path: path, detail: "\(message), code \(error.extendedResultCode.rawValue)")
        case .SQLITE_CONSTRAINT: return constraint(error.extendedResultCode, message: message)
        case .SQLITE_MISUSE where message.contains("closed"): return .closed(path: path)
        default: return .statement(code: error.extendedResultCode.rawValue, message: message)
        }
    }

    private static func constraint(_ code: ResultCode, message: String) -> StoreError {
        let kind: StoreError.ConstraintKind =
            switch code {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: .unique
            case .SQLITE_CONSTRAINT_FOREIGNKEY: .foreignKey
            case .SQLITE_CONSTRAINT_CHECK: .check
            case .SQLITE_CONSTRAINT_NOTNULL: .notNull
            default: .other
            }
        // `UNIQUE constraint failed: domains.account_id, domains.name`
        let subject = message.split(separator: ": ", maxSplits: 1).dropFirst().first.map(String.init) ?? message
        return .constraint(kind, subject: subject)
    }
}
