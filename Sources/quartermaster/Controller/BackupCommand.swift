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
        let temporary = ".\(name).\(getpid()).tmp"
        let target = try directory.open(beneath: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
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
}

/// What `backup` prints.
struct BackupDocument: APIDocument {
    let file: String
    let sizeBytes: Int64
}
