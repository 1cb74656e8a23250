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
