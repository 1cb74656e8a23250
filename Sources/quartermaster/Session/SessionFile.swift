import ControllerAPI
import Files
import Glibc
import Sealing

/// Where a login's token is kept: `$XDG_STATE_HOME/quartermaster/session/`, else `~/.local/state/quartermaster/session/` (XDG Base Directory
/// Specification), a directory of mode 0700 with a file of mode 0600 for each controller's socket, named by the SHA-256 of the socket's path. One line, the token.
struct SessionFile {
    let directory: String
    let name: String
    var path: String { directory + "/" + name }

    init(socket: String) {
        // A relative path is ignored, as the specification says.
        let state = Terminal.environment("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        directory = (state ?? Self.home + "/.local/state") + "/quartermaster/session"
        let digest = SHA256.digest(Array(socket.utf8)).prefix(16)
        name = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil where nobody is logged in. Throws where the file is there and cannot be trusted: it, and the directory that it lies in, belong to who
    /// asks, and are open to nobody else. Neither a link is followed nor a FIFO waited for.
    func token() throws -> String? {
        guard let folder = try openedDirectory() else { return nil }
        let file: FileDescriptor
        do throws(FileError) {
            file = try folder.open(beneath: name, flags: O_RDONLY)
        } catch {
            switch error {
            case .system(_, _, ENOENT): return nil
            case .system(_, _, ELOOP), .system(_, _, ENXIO): throw noSession
            default: throw error
            }
        }
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw noSession }
        guard status.st_uid == geteuid() else { throw foreign(path, owner: status.st_uid) }
        guard status.st_mode & 0o077 == 0 else { throw FileError.tooOpen(path: path, mode: status.st_mode) }
        var bytes = try file.readAll(limit: 1_024)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw noSession }
        return text
    }

    /// The same, with its directory made.
    func prepared() throws -> SessionFile {
        do throws(FileError) {
            try makeDirectories(directory)
        } catch {
            throw CommandFailure(.cannotCreate, "a login cannot be kept: \(error); set XDG_STATE_HOME to a directory of yours")
        }
        _ = try openedDirectory()
        return self
    }

    func keep(_ token: String) throws {
        guard let folder = try openedDirectory() else {
            throw CommandFailure(.cannotCreate, "a login cannot be kept: \(directory) was removed meanwhile; log in again")
        }
        try folder.replace(name, with: Array((token + "\n").utf8))
    }

    func remove() throws {
        guard let folder = try openedDirectory() else { return }
        try folder.remove(name)
    }

    /// The directory of sessions, which is ours alone; nil where there is none, or where it lies in a home that is not ours to read.
    private func openedDirectory() throws -> FileDescriptor? {
        let folder: FileDescriptor
        do throws(FileError) {
            folder = try FileDescriptor(opening: directory, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            var there = stat()
            guard lstat(directory, &there) == 0 else {
                if [ENOENT, ENOTDIR, EACCES].contains(error.errno) { return nil }
                throw error
            }
            if error.errno == EACCES, there.st_uid != geteuid() { return nil }
            guard there.st_mode & S_IFMT == S_IFDIR else {
                throw CommandFailure(
                    .dataError, "\(directory) is a link or a file, and no directory of sessions; remove it, and log in again")
            }
            throw error
        }
        let status = try folder.status()
        guard status.st_uid == geteuid() else { throw foreign(directory, owner: status.st_uid) }
        guard status.st_mode & 0o077 == 0 else {
            throw CommandFailure(
                .refused,
                "\(directory) holds logins, and its mode \(String(status.st_mode & 0o7777, radix: 8)) lets others at them; "
                    + "run chmod 700 \(directory)")
        }
        return folder
    }

    private var noSession: CommandFailure { CommandFailure(.dataError, "\(path) holds no session; remove it, and log in again") }

    private func foreign(_ path: String, owner: uid_t) -> CommandFailure {
        CommandFailure(
            .refused,
            "\(path) belongs to the user number \(owner), and a login is used by who made it alone; "
                + "set XDG_STATE_HOME to a directory of yours")
    }

    /// `HOME`, else what the user database says.
    private static var home: String {
        if let home = Terminal.environment("HOME"), home.hasPrefix("/") { return home }
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return "/nonexistent" }
        return String(cString: home)
    }
}
