import Files
import Glibc

/// A controller's data directory, of mode 0700:
///
///     controller.db   the database (and its -wal and -shm)
///     keys/           the CA and the controller's keys, mode 0600
///     lock            held by the controller that runs on it
///     audit/          archived stretches of the audit log
package struct DataDirectory: Equatable, Sendable {
    package let path: String

    package init(_ path: String) {
        // `DIR/` and `DIR` are one directory.
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    package var databasePath: String { "\(path)/controller.db" }
    package var keysPath: String { "\(path)/keys" }
    package var lockPath: String { "\(path)/lock" }
    package var auditPath: String { "\(path)/audit" }

    /// Makes the directory, or takes an empty one; refuses one that has anything in it (`StoreError.alreadyExists`).
    package func create() throws {
        try makeDirectories(path)
        let directory = try FileDescriptor(directory: path)
        guard try directory.names(limit: 1).isEmpty else { throw StoreError.alreadyExists(path: path) }
        guard chmod(path, 0o700) == 0 else { throw FileError.system(operation: "chmod", path: path, errno: errno) }
    }

    /// Takes the directory for this process, until the value goes or the process ends; `DataDirectoryError.inUse` where another has it.
    package func lock() throws -> FileLock {
        do throws(FileError) {
            return try FileLock(lockPath)
        } catch {
            if case .locked = error { throw DataDirectoryError.inUse(path: path) }
            if error.errno == ENOENT { throw StoreError.missing(path: databasePath) }
            throw error
        }
    }
}

package enum DataDirectoryError: Error, Equatable, Sendable {
    case inUse(path: String)
}

extension DataDirectoryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path):
            "another controller runs on the data directory \(path); stop that one first, or give this one a directory of its own"
        }
    }
}
