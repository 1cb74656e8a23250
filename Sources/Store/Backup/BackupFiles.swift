import Files
import Glibc
import Sealing

/// The files of a data directory that a backup holds beside the database: those under `keys/` and `audit/`, as rows of `backup_files` in the copy.
struct BackupFiles {
    struct File: Equatable, Sendable {
        /// `keys/ca.pem`
        let name: String
        let bytes: [UInt8]
    }

    static let roots = ["keys", "audit"]
    static let maximumBytes = 1 << 30

    static let schema = """
        CREATE TABLE backup_files (
          name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 512),
          bytes BLOB NOT NULL,
          digest BLOB NOT NULL CHECK (length(digest) = 32)
        ) STRICT
        """

    /// Names of all of them, as below the data directory; temporary ones, which begin with a dot, are left out. Their bytes are read one file at
    /// a time: years of audit archives are more than fits into memory.
    static func names(in directory: DataDirectory) throws -> [String] {
        var names: [String] = []
        for root in roots {
            let path = "\(directory.path)/\(root)"
            let descriptor: FileDescriptor
            do throws(FileError) {
                descriptor = try FileDescriptor(directory: path)
            } catch {
                if error.errno == ENOENT { continue }
                throw error
            }
            try collect(descriptor, name: root, depth: 0, into: &names)
        }
        return names
    }

    private static func collect(_ directory: FileDescriptor, name: String, depth: Int, into names: inout [String]) throws {
        for entry in try directory.names().sorted() where !entry.hasPrefix(".") {
            let relative = "\(name)/\(entry)"
            let file = try directory.open(beneath: entry, flags: O_RDONLY)
            switch try file.status().st_mode & S_IFMT {
            case S_IFREG:
                guard isName(relative) else { throw BackupError.unexpectedFile(path: file.path) }
                names.append(relative)
            case S_IFDIR where depth < 3:
                try collect(file, name: relative, depth: depth + 1, into: &names)
            default:
                throw BackupError.unexpectedFile(path: file.path)
            }
        }
    }

    /// The file of that name, read.
    static func read(_ name: String, in directory: DataDirectory) throws -> File {
        let file = try FileDescriptor(directory: directory.path).open(beneath: name, flags: O_RDONLY)
        guard try file.status().st_mode & S_IFMT == S_IFREG else { throw BackupError.unexpectedFile(path: file.path) }
        return File(name: name, bytes: try file.readAll(limit: maximumBytes))
    }

    /// Gives those in a backup to `body`, one at a time, by name. Throws `BackupError.damagedFile` for one that is not as it was.
    static func forEach(in connection: any EngineConnection, of backup: String, _ body: (File) throws -> Void) throws {
        try connection.forEachRow("SELECT name, bytes, digest FROM backup_files ORDER BY name", []) { row in
            let (name, bytes) = (try row.text("name"), try row.blob("bytes"))
            guard isName(name), try row.blob("digest") == SHA256.digest(bytes) else {
                throw BackupError.damagedFile(path: backup, name: String(name.prefix(128)))
            }
            try body(File(name: name, bytes: bytes))
            return true
        }
    }

    /// Whether a name may be written below a data directory: `keys/…` or `audit/…`, of letters, digits, `.`, `_` and `-`, no component with a
    /// dot in front.
    static func isName(_ name: String) -> Bool {
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        guard (2...5).contains(components.count), roots.contains(String(components[0])), name.utf8.count <= 512 else { return false }
        return components.allSatisfy { component in
            !component.isEmpty && component.first != "."
                && component.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }

    /// Writes one below `path`, mode 0600 in directories of mode 0700, forced to disk.
    static func write(_ file: File, below path: String) throws {
        let target = "\(path)/\(file.name)"
        try makeDirectories(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
        try replaceFile(target, with: file.bytes)
    }
}
