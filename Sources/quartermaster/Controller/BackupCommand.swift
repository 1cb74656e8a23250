import ArgumentParser
import ControllerAPI
import Files
import Glibc

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Takes a consistent copy of the running controller: database, keys and audit archives.",
        discussion: """
            The file is new, of mode 0600, and there whole or not at all. It holds the controller's keys: keep it as safe as those.

            EXAMPLES
              quartermaster backup /var/backups/quartermaster-$(date +%F)
            """)

    @Argument(help: "The file to make.", completion: .file())
    var file: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let path = absolutePath(file)
        let directory = try FileDescriptor(
            directory: path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/")
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        guard access(path, F_OK) != 0 else { throw CommandFailure(.cannotCreate, "\(file) is there already; nothing was changed") }
        try Self.sweep(directory)
        let (temporary, target) = try Self.makeTemporary(directory)
        do {
            try await ControllerConnection(socket: client.socketPath, deadline: .minutes(60))
                .download(ControllerRequest(.backup)) { try target.writeAll($0) }
            try target.synchronize()
            // link(2) never replaces: what appeared meanwhile stays.
            guard linkat(directory.number, temporary, directory.number, name, 0) == 0 else {
                throw FileError.system(operation: "make", path: path, errno: errno)
            }
            try directory.remove(temporary)
            try directory.synchronize()
        } catch {
            unlinkat(directory.number, temporary, 0)
            throw error
        }
        let document = BackupDocument(file: path, sizeBytes: Int64(try target.status().st_size))
        try client.output.show(document) { "\(document.file): \(document.sizeBytes) bytes" }
    }

    // MARK: The file while it is being made

    private static let prefix = ".quartermaster-backup-"

    /// A new file under a name that a later backup knows, locked as long as this one is at work on it.
    private static func makeTemporary(_ directory: FileDescriptor) throws(FileError) -> (name: String, file: FileDescriptor) {
        while true {
            let name = "\(prefix)\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
            let file = try directory.open(beneath: name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            // A file system without locks has none that anybody could hold against us.
            _ = flock(file.number, LOCK_EX | LOCK_NB)
            // Another backup may have taken it for a left one before it was locked.
            if try file.status().st_nlink > 0 { return (name, file) }
        }
    }

    /// Removes what backups that were killed left in this directory: nobody holds a lock on it any more.
    private static func sweep(_ directory: FileDescriptor) throws(FileError) {
        for name in try directory.names() where name.hasPrefix(prefix) && name.hasSuffix(".tmp") {
            do throws(FileError) {
                let file = try directory.open(beneath: name, flags: O_RDONLY)
                if flock(file.number, LOCK_EX | LOCK_NB) == 0 { try directory.remove(name) }
            } catch {
                // Somebody else's, or gone meanwhile: it is in nobody's way.
            }
        }
    }
}

/// What `backup` prints.
struct BackupDocument: APIDocument {
    let file: String
    let sizeBytes: Int64
}
