import ArgumentParser
import ControllerAPI
import Files
import Glibc
import Sealing
import Server
import Store
import StrictJSON

/// How the process ends after an error: message on standard error, exit code of commands.md's list.
enum Ending {
    static func end(after error: any Error) -> Never {
        if let failure = failure(for: error) {
            Terminal.say("quartermaster: \(failure.message)")
            exit(failure.exit.rawValue)
        }
        if Quartermaster.exitCode(for: error).isSuccess {
            // Help, version, completions: where they cannot be said, that is a failure, which the parser would not see.
            Terminal.print(Quartermaster.fullMessage(for: error))
            exit(ExitStatus.done.rawValue)
        }
        // Wrong usage: the parser knows best how to say it.
        Quartermaster.exit(withError: error)
    }

    /// Nil where the argument parser made the error.
    static func failure(for error: any Error) -> CommandFailure? {
        switch error {
        case let error as CommandFailure: error
        case let error as FileError: CommandFailure(status(of: error), error.description)
        case let error as StoreError: CommandFailure(status(of: error), error.description)
        case let error as DataDirectoryError: CommandFailure(.failed, error.description)
        case let error as ConfigurationFaults: CommandFailure(.configuration, error.description)
        case let error as SocketPath.Failure: CommandFailure(status(of: error), error.description)
        case let error as BackupError: CommandFailure(status(of: error), error.description)
        case let error as ControllerKeysError: CommandFailure(status(of: error), error.description)
        case let error as JSONError: CommandFailure(.dataError, error.description)
        default: Quartermaster.exitCode(for: error) == .failure ? CommandFailure(.failed, "\(error)") : nil
        }
    }

    private static func status(of error: FileError) -> ExitStatus {
        switch error {
        case .system(_, _, ENOENT), .system(_, _, ENOTDIR): .noInput
        case .system(_, _, EACCES), .system(_, _, EPERM): .refused
        case .system(_, _, EEXIST), .system(_, _, EROFS), .system(_, _, ENOSPC), .system(_, _, EDQUOT): .cannotCreate
        case .system: .inputOutput
        case .tooLarge, .notRegular, .notDirectory: .dataError
        case .tooOpen: .refused
        case .locked: .failed
        }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        switch error {
        case .alreadyExists: .cannotCreate
        case .missing: .noInput
        case .full: .cannotCreate
        case .corrupt, .notADatabase, .foreignDatabase, .newerSchema, .changedMigration, .column: .dataError
        case .readOnly, .inputOutput, .cannotOpen: .inputOutput
        case .locked: .temporary
        case .tooOpen: .refused
        case .constraint, .statement, .closed: .failed
        }
    }

    private static func status(of error: BackupError) -> ExitStatus {
        switch error {
        case .notABackup, .damagedFile, .damaged: .dataError
        case .notEmpty: .cannotCreate
        case .unexpectedFile: .failed
        }
    }

    private static func status(of error: ControllerKeysError) -> ExitStatus {
        switch error {
        case .exists: .cannotCreate
        case .incomplete, .unusable: .dataError
        case .file(let error): status(of: error)
        }
    }

    private static func status(of error: SocketPath.Failure) -> ExitStatus {
        switch error {
        case .live: .failed
        case .notASocket, .tooLong: .cannotCreate
        case .system(_, _, let number): number == EACCES || number == EPERM ? .refused : .cannotCreate
        }
    }
}
