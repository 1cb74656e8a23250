import Files
import Glibc

/// The file that root's `register.conf` names: read for the daemon, and removed when it is no longer needed.
struct PrivilegedSecret {
    let path: String

    init(_ path: String) { self.path = path }

    /// Without one newline at the end. Refused where others than root can read or replace it.
    func read() throws(AgentError) -> [UInt8] {
        do throws(FileError) {
            let file = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
            guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path: path, mode: status.st_mode) }
            var bytes = try file.readAll(limit: PrivilegedAnswer.maximumSecretBytes)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            guard !bytes.isEmpty else { throw FileError.system(operation: "find a secret in", path: path, errno: ENODATA) }
            return bytes
        } catch {
            throw .file(error)
        }
    }

    /// Overwritten, as far as a file system lets one, and removed; nothing where it is gone.
    func remove() throws(AgentError) {
        do throws(FileError) {
            do throws(FileError) {
                let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_NONBLOCK | O_NOFOLLOW)
                let status = try file.status()
                if status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 {
                    try file.writeAll([UInt8](repeating: 0, count: min(Int(status.st_size), PrivilegedAnswer.maximumSecretBytes)))
                    try file.synchronize()
                }
            } catch {
                if error.errno == ENOENT { return }
                // A link goes as it is; what may not be written may be removable all the same.
                guard [ELOOP, EACCES, EPERM].contains(error.errno) else { throw error }
            }
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError.system(operation: "remove", path: path, errno: errno) }
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            try FileDescriptor(directory: slash == path.startIndex ? "/" : String(path[..<slash])).synchronize()
        } catch {
            throw .file(error)
        }
    }
}
