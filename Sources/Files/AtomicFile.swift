import Glibc

extension FileDescriptor {
    /// Replaces the file `name` in this directory by `bytes`, whole or not at all: written under a temporary name, fsync, rename,
    /// fsync of the directory. After an error, which names the file that was to be replaced, the old file is as it was, and no temporary file stays.
    package func replace(_ name: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        try replace(name, with: bytes, mode: mode, owner: nil)
    }

    /// The same, with the mode and the owner of `file`.
    package func replace(_ name: String, with bytes: [UInt8], like file: stat) throws(FileError) {
        try replace(name, with: bytes, mode: file.st_mode & 0o7777, owner: (file.st_uid, file.st_gid))
    }

    private func replace(_ name: String, with bytes: [UInt8], mode: UInt32, owner: (user: UInt32, group: UInt32)?) throws(FileError) {
        do throws(FileError) {
            try put(bytes, inPlaceOf: name, mode: mode, owner: owner)
        } catch {
            guard case .system(let operation, _, let errno) = error else { throw error }
            // One condition, one message: the temporary name is another one each time.
            throw .system(operation: operation, path: "\(path)/\(name)", errno: errno)
        }
    }

    private func put(
        _ bytes: [UInt8], inPlaceOf name: String, mode: UInt32, owner: (user: UInt32, group: UInt32)?
    ) throws(FileError) {
        let temporary = ".\(name).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        let file = try open(beneath: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: owner == nil ? mode : mode & 0o700)
        do throws(FileError) {
            if let owner, fchown(file.number, owner.user, owner.group) != 0 {
                throw .system(operation: "chown", path: file.path, errno: errno)
            }
            guard fchmod(file.number, mode) == 0 else { throw .system(operation: "chmod", path: file.path, errno: errno) }
            try file.writeAll(bytes)
            try file.synchronize()
            try rename(temporary, to: name)
        } catch {
            unlinkat(number, temporary, 0)
            throw error
        }
        try synchronize()
    }
}

/// `FileDescriptor.replace` for a path.
package func replaceFile(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    try FileDescriptor(directory: directory).replace(name, with: bytes, mode: mode)
}

/// Removes what a process that was killed while it replaced `path` left beside it. Nobody else may be replacing it meanwhile.
package func removeTemporaryFiles(of path: String) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let directory: FileDescriptor
    do throws(FileError) {
        directory = try FileDescriptor(directory: parent)
    } catch {
        if error.errno == ENOENT { return }
        throw error
    }
    for entry in try directory.names(limit: 100_000) where entry.hasPrefix(".\(name).") && entry.hasSuffix(".tmp") {
        try directory.remove(entry)
    }
}

/// Makes a directory and those above it that are missing, each with `mode`.
package func makeDirectories(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
        throw .system(operation: "make directory", path: path, errno: errno)
    }
    try makeDirectories(String(path[..<slash]), mode: mode)
    guard mkdir(path, mode) == 0 || errno == EEXIST else {
        throw .system(operation: "make directory", path: path, errno: errno)
    }
}

/// An exclusive lock (flock) on a file that stays; held until the value goes or the process ends.
package struct FileLock: Sendable {
    private let file: FileDescriptor

    /// Throws `.locked` at once where another process holds it.
    package init(_ path: String) throws(FileError) {
        file = try Self.open(path)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { throw .locked(path: path) }
            throw .system(operation: "lock", path: path, errno: errno)
        }
    }

    /// Whether a process holds the lock now; false where there is no such file. It is taken for a moment, shared with others who look: who
    /// wants it exclusively meanwhile is refused.
    package static func isHeld(_ path: String) throws(FileError) -> Bool {
        do throws(FileError) {
            let file = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
            if flock(file.number, LOCK_SH | LOCK_NB) == 0 { return false }
            if errno == EWOULDBLOCK { return true }
            throw .system(operation: "look at the lock", path: path, errno: errno)
        } catch {
            if error.errno == ENOENT { return false }
            throw error
        }
    }

    /// For writing, as network file systems want it; where the file system became read-only, an old file can be locked all the same. Where there is
    /// none, that the file system is read-only is what is wrong.
    private static func open(_ path: String) throws(FileError) -> FileDescriptor {
        do throws(FileError) {
            return try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT, mode: 0o600)
        } catch let first {
            guard first.errno == EROFS else { throw first }
            do throws(FileError) {
                return try FileDescriptor(opening: path, flags: O_RDONLY)
            } catch {
                throw error.errno == ENOENT ? first : error
            }
        }
    }
}
