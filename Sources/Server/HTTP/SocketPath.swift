import Files
import Glibc

/// The place of the controller's Unix socket. A socket that nobody listens on is left over from a crash and replaced; one that is
/// answered belongs to a running controller and is not touched.
package enum SocketPath {
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        case live(path: String)
        case notASocket(path: String)
        case tooLong(path: String)
        case system(operation: String, path: String, errno: Int32)

        package var description: String {
            switch self {
            case .live(let path): "another controller answers at \(path); stop it first, or give this one another --socket"
            case .notASocket(let path): "\(path) is there and is no socket; move it away, or give another --socket"
            case .tooLong(let path): "the socket's path \(path) is longer than 107 bytes, which no Unix socket can be"
            case .system(let operation, let path, let errno): "cannot \(operation) \(path): \(FileError.text(of: errno))"
            }
        }
    }

    /// Leaves nothing at `path`, or throws.
    package static func clear(_ path: String) throws(Failure) {
        guard path.utf8.count <= 107 else { throw .tooLong(path: path) }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system(operation: "look at", path: path, errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        guard try !isLive(path) else { throw .live(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .system(operation: "remove", path: path, errno: errno) }
    }

    private static func isLive(_ path: String) throws(Failure) -> Bool {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .system(operation: "make a socket for", path: path, errno: errno) }
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        // A full queue (EAGAIN) has somebody who listens.
        return result == 0 || (errno != ECONNREFUSED && errno != ENOENT)
    }

    /// Everybody on this machine may connect: mode 0666. Who they are is asked of the kernel, and of their login.
    package static func open(_ path: String) throws(Failure) {
        guard chmod(path, 0o666) == 0 else { throw .system(operation: "chmod", path: path, errno: errno) }
    }
}
