import CLinux
import Files
import Glibc

/// One name in a directory that others write to.
enum HostileFile {
    /// Nil where there is nothing of that name. Links are not followed, FIFOs do not block, and nothing is read of what is no regular file of
    /// one name within the limit. What is read is read from one descriptor: swapping the name meanwhile changes nothing.
    static func read(_ name: PadName, in directory: FileDescriptor, limit: Int) throws(FileError) -> PadFile? {
        let number = name.withCString {
            quartermaster_open_beneath(directory.number, $0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0)
        }
        guard number >= 0 else { return try unopened(errno, directory, name) }
        let file = FileDescriptor(owning: number, path: "\(directory.path)/\(name)")
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { return .fault(.notRegular) }
        guard status.st_nlink == 1 else { return status.st_nlink == 0 ? nil : .fault(.linked(names: Int(status.st_nlink))) }
        guard status.st_size <= limit else { return .fault(.tooLarge(bytes: Int64(status.st_size), limit: limit)) }
        let count = Int(status.st_size)
        var failure: Int32 = 0
        // One byte more than there should be, to see growth.
        let bytes = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, initialized in
            while initialized < count + 1, let base = buffer.baseAddress {
                let got = Glibc.read(number, base + initialized, count + 1 - initialized)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                initialized += got
            }
        }
        if failure != 0 { return .fault(.unreadable(errno: failure)) }
        return bytes.count == count ? .content(bytes) : .fault(.unsteady)
    }

    private static func unopened(_ error: Int32, _ directory: FileDescriptor, _ name: PadName) throws(FileError) -> PadFile? {
        switch error {
        case ENOENT: nil
        // A link; a socket or a device without a driver; another file system.
        case ELOOP, ENXIO, ENODEV, EXDEV, ENOTDIR: .fault(.notRegular)
        case EACCES, EPERM, EIO, ESTALE: .fault(.unreadable(errno: error))
        default: throw .system(operation: "open", path: "\(directory.path)/\(name)", errno: error)
        }
    }

    /// False where there is nothing of that name. A directory goes with what is in it, to a depth of 16 and 4,096 entries a level.
    static func remove(_ name: PadName, in directory: FileDescriptor, depth: Int = 0) throws(FileError) -> Bool {
        let error = name.withCString { unlinkat(directory.number, $0, 0) == 0 ? 0 : errno }
        switch error {
        case 0: return true
        case ENOENT: return false
        case EISDIR, EPERM: break
        default: throw .system(operation: "remove", path: "\(directory.path)/\(name)", errno: error)
        }
        let number = name.withCString {
            quartermaster_open_beneath(directory.number, $0, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard number >= 0, depth < 16 else {
            throw .system(operation: "remove", path: "\(directory.path)/\(name)", errno: number < 0 ? error : ELOOP)
        }
        let inner = FileDescriptor(owning: number, path: "\(directory.path)/\(name)")
        for entry in try DirectoryListing.names(of: inner, limit: 4096) { _ = try remove(entry, in: inner, depth: depth + 1) }
        let outcome = name.withCString { unlinkat(directory.number, $0, AT_REMOVEDIR) == 0 ? 0 : errno }
        guard outcome == 0 || outcome == ENOENT else {
            throw .system(operation: "remove directory", path: "\(directory.path)/\(name)", errno: outcome)
        }
        return true
    }
}

/// The names in a directory, as bytes.
enum DirectoryListing {
    static func names(of directory: FileDescriptor, limit: Int) throws(FileError) -> [PadName] {
        let copy = quartermaster_openat(directory.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0 else { throw .system(operation: "list", path: directory.path, errno: errno) }
        guard let stream = fdopendir(copy) else {
            let error = errno
            close(copy)
            throw .system(operation: "list", path: directory.path, errno: error)
        }
        defer { closedir(stream) }
        var names: [PadName] = []
        while names.count < limit {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .system(operation: "list", path: directory.path, errno: errno) }
                break
            }
            // d_name ends with a zero within its 256 bytes.
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if let name = PadName(bytes: bytes) { names.append(name) }
        }
        return names
    }
}
