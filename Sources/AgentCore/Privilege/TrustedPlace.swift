import CLinux
import Files
import Glibc

/// The directory of a file that root named, reached so that nobody else can have put another in its place: each directory on the way belongs to
/// root or to the reader, no other can write to it (but to add names, as to /tmp), and none is a symbolic link.
struct TrustedPlace {
    let directory: FileDescriptor
    /// The file's name in it.
    let name: String
    private let reader: uid_t

    /// - Parameters:
    ///   - path: Absolute.
    ///   - reader: Who is to believe it: who runs this, unless another is asked for.
    init(of path: String, for reader: uid_t = geteuid()) throws(AgentError) {
        self.reader = reader
        var parts = path.split(separator: "/").map(String.init)
        guard path.hasPrefix("/"), let last = parts.popLast(), last != ".", last != ".." else {
            throw .notTrusted(path: path, reason: "it is no absolute path of a file")
        }
        var place = try Self.open("/", at: "/", beneath: AT_FDCWD, for: reader)
        for part in parts {
            guard part != ".", part != ".." else { throw .notTrusted(path: path, reason: "\(part) is in its path; give the path without") }
            let next = place.path == "/" ? "/\(part)" : "\(place.path)/\(part)"
            place = try Self.open(part, at: next, beneath: place.number, for: reader)
        }
        directory = place
        name = last
    }

    private static func open(
        _ name: String, at path: String, beneath parent: Int32, for reader: uid_t
    ) throws(AgentError) -> FileDescriptor {
        let number = quartermaster_openat(parent, name, quartermaster_o_path | O_NOFOLLOW | O_CLOEXEC, 0)
        guard number >= 0 else { throw .file(.system(operation: "open", path: path, errno: errno)) }
        let directory = FileDescriptor(owning: number, path: path)
        let status: stat
        do throws(FileError) { status = try directory.status() } catch { throw .file(error) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: break
        case S_IFLNK: throw .notTrusted(path: path, reason: "it is a symbolic link; give the path that it leads to")
        default: throw .file(.notDirectory(path: path))
        }
        if status.st_mode & S_ISVTX == 0 || status.st_uid != 0 { try status.requireOwner(path, for: reader) }
        return directory
    }

    /// The file itself: regular, of root or of the reader, with none of the `forbidden` mode bits. Opening it waits for nobody.
    func open(forbidden: mode_t) throws(AgentError) -> FileDescriptor {
        let path = path
        let number = quartermaster_openat(directory.number, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0)
        guard number >= 0 else {
            if errno == ELOOP { throw .notTrusted(path: path, reason: "it is a symbolic link; give the path that it leads to") }
            throw .file(errno == ENXIO ? .notRegular(path: path) : .system(operation: "open", path: path, errno: errno))
        }
        let file = FileDescriptor(owning: number, path: path)
        let status: stat
        do throws(FileError) { status = try file.status() } catch { throw .file(error) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .file(.notRegular(path: path)) }
        guard status.st_mode & forbidden == 0 else { throw .file(.tooOpen(path: path, mode: status.st_mode)) }
        try status.requireOwner(path, for: reader)
        return file
    }

    var path: String { directory.path == "/" ? "/\(name)" : "\(directory.path)/\(name)" }
}

extension stat {
    /// Throws where others than root, or than `reader`, can have made or changed what `path` is.
    func requireOwner(_ path: String, for reader: uid_t = geteuid()) throws(AgentError) {
        guard st_uid == 0 || st_uid == reader else {
            throw .notTrusted(
                path: path, reason: "it belongs to user \(st_uid), and must belong to root or the daemon's user; run chown root \(path)")
        }
        guard st_mode & 0o022 == 0 else {
            throw .notTrusted(
                path: path, reason: "its mode \(String(st_mode & 0o7777, radix: 8)) lets others write to it; run chmod go-w \(path)")
        }
    }
}

extension FileDescriptor {
    /// A file that root, or whoever runs this, alone can have written: what it says is root's word.
    func requireOwner() throws(AgentError) {
        let found: stat
        do throws(FileError) {
            found = try status()
            guard found.st_mode & S_IFMT == S_IFREG else { throw FileError.notRegular(path: path) }
        } catch {
            throw .file(error)
        }
        try found.requireOwner(path)
    }

    /// `readAll`, for who throws the agent's errors.
    func readBytes(limit: Int) throws(AgentError) -> [UInt8] {
        do throws(FileError) { return try readAll(limit: limit) } catch { throw .file(error) }
    }
}
