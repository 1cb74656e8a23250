import CLinux
import Glibc

/// An open file or directory, closed when the last reference goes. All further names are looked up from it, so that a
/// directory swapped underneath changes nothing.
package final class FileDescriptor: Sendable {
    package let number: Int32
    /// For messages.
    package let path: String

    /// Takes over an open descriptor.
    package init(owning number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    deinit { close(number) }

    /// Opens `path` itself, with O_CLOEXEC; links on the way are followed (the caller's own configuration names it).
    package convenience init(opening path: String, flags: Int32, mode: UInt32 = 0) throws(FileError) {
        let number = quartermaster_openat(AT_FDCWD, path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        self.init(owning: number, path: path)
    }

    package convenience init(directory path: String) throws(FileError) {
        try self.init(opening: path, flags: O_RDONLY | O_DIRECTORY)
    }

    /// Opens a name below this directory: no link is followed, no mount point crossed, nothing outside reached
    /// (openat2 with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV); never blocks on a FIFO (O_NONBLOCK).
    package func open(beneath name: String, flags: Int32, mode: UInt32 = 0) throws(FileError) -> FileDescriptor {
        let descriptor = quartermaster_open_beneath(number, name, flags | O_CLOEXEC | O_NONBLOCK, mode)
        guard descriptor >= 0 else { throw .system(operation: "open", path: "\(path)/\(name)", errno: errno) }
        return FileDescriptor(owning: descriptor, path: "\(path)/\(name)")
    }

    package func status() throws(FileError) -> stat {
        var result = stat()
        guard fstat(number, &result) == 0 else { throw .system(operation: "stat", path: path, errno: errno) }
        return result
    }

    /// All bytes from the current offset, refused beyond `limit`.
    package func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
        while true {
            let wanted = min(chunk.count, limit + 1 - result.count)
            let count = read(number, &chunk, wanted)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(operation: "read", path: path, errno: errno)
            }
            if count == 0 { return result }
            result.append(contentsOf: chunk[..<count])
            if result.count > limit { throw .tooLarge(path: path, limit: limit) }
        }
    }

    package func writeAll(_ bytes: [UInt8]) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(number, $0.baseAddress! + offset, bytes.count - offset) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(operation: "write", path: path, errno: errno)
            }
            offset += count
        }
    }

    package func synchronize() throws(FileError) {
        guard fsync(number) == 0 else { throw .system(operation: "fsync", path: path, errno: errno) }
    }

    /// `renameat` within this directory.
    package func rename(_ from: String, to: String) throws(FileError) {
        guard renameat(number, from, number, to) == 0 else {
            throw .system(operation: "replace", path: "\(path)/\(to)", errno: errno)
        }
    }

    /// `unlinkat`; false where there was nothing of that name.
    @discardableResult
    package func remove(_ name: String, directory: Bool = false) throws(FileError) -> Bool {
        if unlinkat(number, name, directory ? AT_REMOVEDIR : 0) == 0 { return true }
        if errno == ENOENT { return false }
        throw .system(operation: "remove", path: "\(path)/\(name)", errno: errno)
    }

    /// The names in this directory but `.` and `..`, unsorted; at most `limit` of them are read.
    package func names(limit: Int = .max) throws(FileError) -> [String] {
        let copy = quartermaster_openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0 else { throw .system(operation: "list", path: path, errno: errno) }
        guard let stream = fdopendir(copy) else {
            let error = errno
            close(copy)
            throw .system(operation: "list", path: path, errno: error)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < limit {
            Glibc.errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .system(operation: "list", path: path, errno: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
