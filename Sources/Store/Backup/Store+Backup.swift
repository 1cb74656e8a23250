import Files
import Glibc
import Provider
import Sealing

/// What a backup holds.
package struct BackupSummary: Equatable, Sendable {
    package let path: String
    package let bytes: Int64
    /// Keys and audit archives.
    package let files: Int
}

extension Store {
    /// One consistent copy of the controller, in one file of mode 0600: the database as it was at one moment, with the keys and audit archives
    /// inside. Reads and writes go on. The file is there whole or not at all; an existing one is refused (`StoreError.alreadyExists`)
    /// unless `replacing`. `subject` is what the audit calls it, where that is not its path.
    package func backUp(to path: String, replacing: Bool = false, subject: String? = nil, by actor: Actor) async throws -> BackupSummary {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let parent = try FileDescriptor(directory: directory)
        if !replacing, access(path, F_OK) == 0 { throw StoreError.alreadyExists(path: path) }
        let temporary = ".\(name).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        let summary: BackupSummary
        do {
            summary = try await writeBackup(to: "\(directory)/\(temporary)", named: path)
            if replacing {
                try parent.rename(temporary, to: name)
            } else {
                // link(2) never replaces: what appeared meanwhile stays.
                guard linkat(parent.number, temporary, parent.number, name, 0) == 0 else {
                    if errno == EEXIST { throw StoreError.alreadyExists(path: path) }
                    throw FileError.system(operation: "link", path: path, errno: errno)
                }
                try parent.remove(temporary)
            }
            try parent.synchronize()
        } catch {
            for suffix in ["", "-journal", "-wal", "-shm"] { unlinkat(parent.number, temporary + suffix, 0) }
            throw error
        }
        try await write { transaction in
            try transaction.audit(
                actor: actor, action: "controller.backup", subject: subject ?? path, detail: "bytes=\(summary.bytes) files=\(summary.files)"
            )
        }
        return summary
    }

    private func writeBackup(to temporary: String, named path: String) async throws -> BackupSummary {
        try await copy(to: temporary)
        let (directory, files) = (directory, try BackupFiles.names(in: directory))
        var options = SQLiteEngine.Options()
        options.singleFile = true
        let engine = try SQLiteEngine.open(path: temporary, options: options)
        do {
            try await engine.write { connection in
                try connection.executeScript(BackupFiles.schema)
                for name in files {
                    let file = try BackupFiles.read(name, in: directory)
                    try connection.execute(
                        "INSERT INTO backup_files (name, bytes, digest) VALUES (?, ?, ?)",
                        [.text(file.name), .blob(file.bytes), .blob(SHA256.digest(file.bytes))])
                }
            }
        } catch {
            // The first error is the one that tells.
            try? engine.close()
            throw error
        }
        try engine.close()
        let file = try FileDescriptor(opening: temporary, flags: O_RDONLY)
        try file.synchronize()
        return BackupSummary(path: path, bytes: Int64(try file.status().st_size), files: files.count)
    }
}
