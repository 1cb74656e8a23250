import CLinux
import Files
import Glibc

/// The file that root's `register.conf` names: read for the registration, and removed when it is no longer needed; by the daemon where it may, by
/// the root helper where it may not.
struct PrivilegedSecret {
    let path: String
    private let reader: uid_t

    /// - Parameter reader: By whose rules it is judged: those of who runs this, unless another is asked for.
    init(_ path: String, for reader: uid_t = geteuid()) {
        self.path = path
        self.reader = reader
    }

    /// Without one newline at the end. Refused where others than root, or than the reader, can read or replace it; a FIFO is not waited for.
    func read() throws(AgentError) -> [UInt8] {
        let file = try TrustedPlace(of: path, for: reader).open(forbidden: 0o077)
        let limit = PrivilegedAnswer.maximumSecretBytes
        var bytes = try file.readBytes(limit: limit + 1)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .emptySecret(path: path) }
        guard bytes.count <= limit else {
            Secret.wipe(&bytes)
            throw .file(.tooLarge(path: path, limit: limit))
        }
        return bytes
    }

    /// Whatever is larger is no secret of this agent's.
    private static let overwrittenBytes = 64 << 10

    /// What a removal did.
    enum Removal: Equatable {
        /// It was not there.
        case absent
        /// With what is still to be done by somebody, in words; nil where that is nothing.
        case removed(String?)

        var rest: String? { if case .removed(let rest) = self { rest } else { nil } }
    }

    /// Overwritten, as far as a file system lets one, and removed, whatever has that name.
    @discardableResult
    func remove() throws(AgentError) -> Removal {
        let place: TrustedPlace
        do throws(AgentError) {
            place = try TrustedPlace(of: path)
        } catch .file(.system(_, _, ENOENT)) {
            return .absent
        }
        do throws(FileError) {
            var status = stat()
            guard fstatat(place.directory.number, place.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                let reason = errno
                if reason == ENOENT { return .absent }
                throw FileError.system(operation: "look at", path: path, errno: reason)
            }
            let isLink = status.st_mode & S_IFMT == S_IFLNK
            let hasOtherName = try overwrite(place)
            guard unlinkat(place.directory.number, place.name, 0) == 0 || errno == ENOENT else {
                throw FileError.system(operation: "remove", path: path, errno: errno)
            }
            // Opened without reading rights: the directory's own descriptor cannot be synchronized.
            let directory = quartermaster_openat(place.directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            if directory >= 0 { try FileDescriptor(owning: directory, path: place.directory.path).synchronize() }
            if isLink { return .removed("it was a symbolic link: the file that it led to keeps the secret: remove that too") }
            return .removed(hasOtherName ? "another name of it, a hard link, keeps the secret: remove that too" : nil)
        } catch {
            throw .file(error)
        }
    }

    /// True where the file has another name, under which it stays as it is. Whatever cannot be written to may be removable all the same.
    private func overwrite(_ place: TrustedPlace) throws(FileError) -> Bool {
        let number = quartermaster_openat(place.directory.number, place.name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0)
        guard number >= 0 else { return false }
        let file = FileDescriptor(owning: number, path: path)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { return false }
        guard status.st_nlink == 1 else { return true }
        try file.writeAll([UInt8](repeating: 0, count: min(Int(status.st_size), Self.overwrittenBytes)))
        try file.synchronize()
        return false
    }
}
