import Files
import Glibc
import Identifiers
import Provider
import Sealing

/// Puts a backup back as a controller of its own right, in a new epoch: hosts that were heard after the backup was taken number their messages
/// anew and send everything.
///
/// All is put together and verified in `DIR/.restore`; then keys and archives are moved in, and last the database, with which the directory
/// becomes a controller's. What fails leaves the directory empty; what was killed is cleared away by the next restore.
package struct Restore {
    private static let workspace = ".restore"

    package let backup: String
    package let directory: DataDirectory
    private let clock: @Sendable () -> Timestamp
    private let checkKeys: @Sendable (DataDirectory) throws -> Void

    /// `checkKeys` looks at what was put together, before it takes effect: without its keys a controller can answer nobody.
    package init(
        backup: String, directory: DataDirectory, clock: @escaping @Sendable () -> Timestamp = Store.systemClock,
        checkKeys: @escaping @Sendable (DataDirectory) throws -> Void = { _ = try ControllerKeys.load(from: $0.keysPath) }
    ) {
        self.backup = backup
        self.directory = directory
        self.checkKeys = checkKeys
        self.clock = clock
    }

    /// Returns the controller with its new epoch.
    package func run(by actor: Actor) async throws -> ControllerRecord {
        // Refused before anything is written.
        try await verify()
        try makeDirectories(directory.path)
        guard chmod(directory.path, 0o700) == 0 else {
            throw FileError.system(operation: "chmod", path: directory.path, errno: errno)
        }
        // Held until the value goes: a second restore into the same directory would clear this one's workspace away.
        let target = try FileDescriptor(directory: directory.path)
        guard flock(target.number, LOCK_EX | LOCK_NB) == 0 else { throw BackupError.notEmpty(directory: directory.path) }
        defer { withExtendedLifetime(target) {} }
        try clearInterrupted()
        do {
            let controller = try await prepare(by: actor)
            try takeEffect()
            return controller
        } catch {
            // The first error is the one that tells; what cannot be removed now is removed by the next attempt.
            try? clearInterrupted()
            throw error
        }
    }

    /// Checks the whole backup, and each file in it.
    private func verify() async throws {
        var options = SQLiteEngine.Options()
        options.singleFile = true
        options.readOnly = true
        let engine = try SQLiteEngine.open(path: backup, options: options)
        // Only read: nothing is lost by a database that does not close well.
        defer { try? engine.close() }
        let backup = backup
        do {
            if let problem = try await engine.check().first { throw BackupError.damaged(path: backup, detail: problem) }
            try await engine.read { connection in
                guard try Self.rows(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'backup_files'").count == 1 else {
                    throw BackupError.notABackup(path: backup)
                }
                guard try Self.rows(connection, "PRAGMA foreign_key_check").isEmpty else {
                    throw BackupError.damaged(path: backup, detail: "a reference leads nowhere")
                }
                try BackupFiles.forEach(in: connection, of: backup) { _ in }
            }
        } catch StoreError.corrupt(_, let detail) {
            throw BackupError.damaged(path: backup, detail: detail)
        }
    }

    private static func rows(_ connection: any EngineConnection, _ sql: String) throws -> [Row] {
        var rows: [Row] = []
        try connection.forEachRow(sql, []) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// Everything in the workspace, verified, in its new epoch.
    private func prepare(by actor: Actor) async throws -> ControllerRecord {
        let inside = DataDirectory("\(directory.path)/\(Self.workspace)")
        try makeDirectories(inside.path)
        try copyDatabase(to: inside.databasePath)
        var options = SQLiteEngine.Options()
        options.singleFile = true
        try await takeOutFiles(of: inside, options)
        let store = try await Store(directory: inside, options: options, clock: clock)
        do {
            if let fault = try await store.verifyAudit().fault { throw BackupError.damaged(path: backup, detail: fault.description) }
            let backup = backup
            let controller = try await store.write { transaction in
                try transaction.raiseEpoch()
                try transaction.endAllSessions()
                let controller = try transaction.controller()
                try transaction.audit(
                    actor: actor, action: "controller.restore", subject: controller.id.text,
                    detail: "epoch=\(controller.epoch) from=\(backup)")
                return controller
            }
            try store.close()
            return controller
        } catch {
            // The first error is the one that tells.
            try? store.close()
            throw error
        }
    }

    /// Writes what the copied backup holds beside the database to its places, and takes it out.
    private func takeOutFiles(of inside: DataDirectory, _ options: SQLiteEngine.Options) async throws {
        let engine = try SQLiteEngine.open(path: inside.databasePath, options: options)
        let backup = backup
        do {
            try await engine.read { connection in
                try BackupFiles.forEach(in: connection, of: backup) { try BackupFiles.write($0, below: inside.path) }
            }
            try checkKeys(inside)
            try await engine.write { connection in
                // The keys' bytes do not stay in free pages.
                try connection.executeScript("PRAGMA secure_delete = ON; DROP TABLE backup_files")
            }
        } catch {
            // The first error is the one that tells.
            try? engine.close()
            throw error
        }
        try engine.close()
    }

    private func copyDatabase(to path: String) throws {
        let source = try FileDescriptor(opening: backup, flags: O_RDONLY)
        let target = try FileDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source.number, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError.system(operation: "read", path: backup, errno: errno) }
            if count == 0 { break }
            try target.writeAll(Array(chunk[..<count]))
        }
        try target.synchronize()
    }

    /// Moves the workspace's contents to their places; the database last.
    private func takeEffect() throws {
        let target = try FileDescriptor(directory: directory.path)
        let inside = try target.open(beneath: Self.workspace, flags: O_RDONLY | O_DIRECTORY)
        let names = try inside.names()
        guard names.contains("controller.db") else { throw StoreError.missing(path: directory.databasePath) }
        for name in names.filter({ $0 != "controller.db" }) + ["controller.db"] {
            if name == "controller.db" { try target.synchronize() }
            guard renameat(inside.number, name, target.number, name) == 0 else {
                throw FileError.system(operation: "move into place", path: "\(directory.path)/\(name)", errno: errno)
            }
        }
        try target.remove(Self.workspace, directory: true)
        try target.synchronize()
    }

    /// Refuses a directory with anything in it but what an interrupted restore left, and removes that.
    private func clearInterrupted() throws {
        let target = try FileDescriptor(directory: directory.path)
        let names = Set(try target.names())
        if names.isEmpty { return }
        let own: Set<String> = [Self.workspace, "keys", "audit"]
        guard names.contains(Self.workspace), names.isSubset(of: own) else { throw BackupError.notEmpty(directory: directory.path) }
        // The workspace last: as long as it is there, the rest is known to be ours.
        for name in names.subtracting([Self.workspace]).sorted() + [Self.workspace] {
            try Self.removeTree(target, name, depth: 0)
        }
    }

    private static func removeTree(_ parent: FileDescriptor, _ name: String, depth: Int) throws {
        let entry: FileDescriptor
        do throws(FileError) {
            entry = try parent.open(beneath: name, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            try parent.remove(name)
            return
        }
        guard depth < 8 else { throw BackupError.unexpectedFile(path: entry.path) }
        for child in try entry.names() { try removeTree(entry, child, depth: depth + 1) }
        try parent.remove(name, directory: true)
    }
}
