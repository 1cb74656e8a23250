import Files
import Glibc

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

    /// All of them; temporary ones, whose names begin with a dot, are left out.
    static func collect(from directory: DataDirectory) throws -> [File] {
        var files: [File] = []
        for root in roots {
            let path = "\(directory.path)/\(root)"
            let descriptor: FileDescriptor
            do throws(FileError) {
                descriptor = try FileDescriptor(directory: path)
            } catch {
                if error.errno == ENOENT { continue }
                throw error
            }
            try collect(descriptor, name: root, depth: 0, into: &files)
        }
        return files
    }

    private static func collect(_ directory: FileDescriptor, name: String, depth: Int, into files: inout [File]) throws {
        for entry in try directory.names().sorted() where !entry.hasPrefix(".") {
            let relative = "\(name)/\(entry)"
            let file = try directory.open(beneath: entry, flags: O_RDONLY)
            switch try file.status().st_mode & S_IFMT {
            case S_IFREG:
                guard isName(relative) else { throw BackupError.unexpectedFile(path: file.path) }
                files.append(File(name: relative, bytes: try file.readAll(limit: maximumBytes)))
            case S_IFDIR where depth < 3:
                try collect(file, name: relative, depth: depth + 1, into: &files)
            default:
                throw BackupError.unexpectedFile(path: file.path)
            }
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

    /// Writes them below `path`, mode 0600 in directories of mode 0700, each forced to disk.
    static func write(_ files: [File], below path: String) throws {
        for file in files {
            let target = "\(path)/\(file.name)"
            let directory = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
            try makeDirectories(directory)
            try replaceFile(target, with: file.bytes)
        }
    }
}
