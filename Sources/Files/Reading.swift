import Glibc

/// The bytes of a regular file of at most `limit` bytes.
package func readFile(_ path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
    let file = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
    guard try file.status().st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    return try file.readAll(limit: limit)
}

/// A secret from a file (mode 0600 or narrower) or, for `-`, from standard input; one trailing newline is dropped.
package func readSecret(_ path: String, limit: Int = 64 << 10) throws(FileError) -> [UInt8] {
    var bytes: [UInt8]
    if path == "-" {
        bytes = try FileDescriptor(owning: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), path: "standard input").readAll(limit: limit)
    } else {
        let file = try FileDescriptor(opening: path, flags: O_RDONLY)
        let status = try file.status()
        // A pipe, as of a shell's <(…), has nobody else at its other end; a file may.
        if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 { throw .tooOpen(path: path, mode: status.st_mode) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .notRegular(path: path) }
        bytes = try file.readAll(limit: limit)
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return bytes
}
