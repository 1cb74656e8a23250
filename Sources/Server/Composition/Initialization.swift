import Files
import Foundation
import Glibc
import Identifiers
import Sealing
import Store

/// Makes a new controller: authority, keys and database. All is made in `DIR/.init` and then moved to its place, the database last, with
/// which the directory becomes a controller's. What fails leaves the directory as it was; what was killed is cleared away by the next.
package struct Initialization {
    private static let workspace = ".init"
    private let directory: DataDirectory

    package init(directory: DataDirectory) { self.directory = directory }

    /// Throws `StoreError.alreadyExists` where the directory has anything in it.
    package func run() async throws -> (controllerID: ControllerID, fingerprint: Fingerprint) {
        let isNew = !FileManager.default.fileExists(atPath: directory.path)
        try makeDirectories(directory.path)
        let target = try FileDescriptor(directory: directory.path)
        guard flock(target.number, LOCK_EX | LOCK_NB) == 0 else { throw StoreError.alreadyExists(path: directory.path) }
        try clearInterrupted(target)
        do {
            guard fchmod(target.number, 0o700) == 0 else {
                throw FileError.system(operation: "chmod", path: directory.path, errno: errno)
            }
            let result = try await make()
            try moveIntoPlace(target)
            return result
        } catch {
            // The first error is the one that tells; what cannot be removed now is removed by the next attempt.
            try? clearInterrupted(target)
            if isNew { rmdir(directory.path) }
            throw error
        }
    }

    private func make() async throws -> (controllerID: ControllerID, fingerprint: Fingerprint) {
        let inside = DataDirectory("\(directory.path)/\(Self.workspace)")
        try inside.create()
        let id = ControllerID.random()
        let keys = try ControllerKeys.create(in: inside.keysPath, name: id.text, now: Store.systemClock())
        // One file, so that one rename moves it; the running controller's write-ahead log comes with its first start.
        var options = SQLiteEngine.Options()
        options.singleFile = true
        let store = try await Store.create(in: inside, controllerID: id, options: options)
        try store.close()
        return (id, keys.fingerprint)
    }

    private func moveIntoPlace(_ target: FileDescriptor) throws(FileError) {
        let inside = try target.open(beneath: Self.workspace, flags: O_RDONLY | O_DIRECTORY)
        for name in ["keys", "controller.db"] {
            guard renameat(inside.number, name, target.number, name) == 0 else {
                throw .system(operation: "move into place", path: "\(directory.path)/\(name)", errno: errno)
            }
            try target.synchronize()
        }
        try target.remove(Self.workspace, directory: true)
        try target.synchronize()
    }

    /// Refuses a directory with anything in it but what an interrupted run left, and removes that: the workspace last, since it tells that
    /// the rest is ours. A database in its place means that a controller is there.
    private func clearInterrupted(_ target: FileDescriptor) throws {
        let names = Set(try target.names(limit: 64))
        if names.isEmpty { return }
        guard names.contains(Self.workspace), names.isSubset(of: [Self.workspace, "keys"]) else {
            throw StoreError.alreadyExists(path: directory.path)
        }
        for name in ["keys", Self.workspace] where names.contains(name) {
            try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
        }
    }
}
