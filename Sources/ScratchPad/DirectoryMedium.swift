import CLinux
import Files
import Glibc

/// A pad in a directory of any POSIX file system: local, NFS, OCFS2. Needs no locks, no inotify, no O_TMPFILE.
///
/// Every folder is opened without following a link, and every name below it with openat2 (RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS,
/// RESOLVE_NO_XDEV). The path of the pad itself is the provider's, or the host's administrator's, and is followed.
package struct DirectoryMedium: PadMedium {
    /// Of the pad's directory, without a slash at its end.
    package let path: String
    private let incomingPath: String

    package init(path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        incomingPath = "\(path)/\(PadFolder.incoming.path)"
    }

    /// One statx(2) that asks a file server anew, as opening the folder would. A link in the folder's place is not followed.
    package func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
        let full = folder == .incoming ? incomingPath : folder == .root ? path : "\(path)/\(folder.path)"
        var found = quartermaster_folder()
        switch quartermaster_stat_folder(full, folder == .root ? 1 : 0, &found) {
        case 0:
            return FolderStamp(
                device: found.device, inode: found.inode, seconds: found.modified_seconds, nanoseconds: found.modified_nanoseconds)
        case ENOENT, ENOTDIR, ELOOP: return nil
        case let error: throw .file(.system(operation: "stat", path: full, errno: error))
        }
    }

    package var fileSystem: UInt64? {
        var found = quartermaster_folder()
        return quartermaster_stat_folder(path, 1, &found) == 0 ? found.device : nil
    }

    package func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
        guard let directory = try open(folder) else { return [] }
        return try file { () throws(FileError) in try DirectoryListing.names(of: directory, limit: limit) }
    }

    package func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        guard let directory = try open(folder) else { return nil }
        return try file { () throws(FileError) in try HostileFile.read(name, in: directory, limit: limit) }
    }

    package func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        let directory = try existing(folder)
        try file { () throws(FileError) in
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NONBLOCK
            let number = name.withCString { quartermaster_open_beneath(directory.number, $0, flags, 0o644) }
            guard number >= 0 else { throw .system(operation: "create", path: "\(directory.path)/\(name)", errno: errno) }
            let file = FileDescriptor(owning: number, path: "\(directory.path)/\(name)")
            // Sealed, or signed for all to read: whoever serves the pad's other side need not be of the same user. The umask does not decide.
            _ = fchmod(number, 0o644)
            try file.writeAll(bytes)
            if durably { try file.synchronize() }
        }
    }

    package func move(
        _ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder
    ) throws(PadError) -> Bool {
        let source = try existing(folder)
        let target = folder == newFolder ? source : try existing(newFolder)
        let result = name.withCString { old in
            newName.withCString { new in renameat(source.number, old, target.number, new) == 0 ? 0 : errno }
        }
        if result == 0 { return true }
        if result == ENOENT { return false }
        throw .file(.system(operation: "rename to \(newName)", path: "\(source.path)/\(name)", errno: result))
    }

    package func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        guard let directory = try open(folder) else { return false }
        return try file { () throws(FileError) in try HostileTree.remove(name, in: directory) }
    }

    package func make(_ folder: PadFolder) throws(PadError) {
        switch folder {
        case .root:
            do throws(FileError) { try makeRoot() } catch { throw .notMade(error) }
        case .incoming: _ = try make("in", in: existing(.root), mode: 0o1777)
        case .outgoing: _ = try make("out", in: existing(.root), mode: 0o755)
        case .quarantine: _ = try make("bad", in: existing(.root), mode: 0o700)
        case .replies(let key):
            // Looked up in the folder that is held open: `out` may become a link at any time.
            let outgoing = try make("out", in: existing(.root), mode: 0o755)
            _ = try make(key.hexadecimal, in: outgoing, mode: 0o755)
        }
    }

    package func permissions(of name: PadName?, in folder: PadFolder) throws(PadError) -> UInt32? {
        guard let directory = try open(folder) else { return nil }
        return try file { () throws(FileError) in
            guard let name else { return try directory.status().st_mode & 0o7777 }
            var status = stat()
            let error = name.withCString { fstatat(directory.number, $0, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno }
            if error == ENOENT { return nil }
            guard error == 0 else { throw .system(operation: "stat", path: "\(directory.path)/\(name)", errno: error) }
            return status.st_mode & 0o7777
        }
    }

    package func admitHosts() throws(PadError) -> Bool {
        let root = try existing(.root)
        return try file { () throws(FileError) in
            let mode = try root.status().st_mode & 0o7777
            let wanted = (mode | 0o755) & ~0o002
            if mode == wanted { return false }
            guard fchmod(root.number, wanted) == 0 else { throw .system(operation: "chmod", path: root.path, errno: errno) }
            return true
        }
    }

    package func synchronize(_ folder: PadFolder?) throws(PadError) {
        let directory = try existing(folder ?? .root)
        try file { () throws(FileError) in
            guard folder == nil else { return try directory.synchronize() }
            guard quartermaster_syncfs(directory.number) == 0 else {
                throw .system(operation: "syncfs", path: directory.path, errno: errno)
            }
        }
    }

    // MARK: Folders

    /// Nil where the folder is not there or is no directory. One system call: the folder is the last name of the path, and is not followed
    /// where it is a link; `out/KEY` is looked up below the pad.
    private func open(_ folder: PadFolder) throws(PadError) -> FileDescriptor? {
        let full = folder.path.isEmpty ? path : "\(path)/\(folder.path)"
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK
        var number: Int32
        var failure: Int32
        if case .replies(let key) = folder {
            guard let root = try open(.root) else { return nil }
            (number, failure) = Self.open(folder.path, beneath: root, flags)
            // A client of NFS that was told that there is no such name believes it for half a minute; opening the folder makes it ask again.
            if number < 0, failure == ENOENT {
                guard let outgoing = try open(.outgoing) else { return nil }
                (number, failure) = Self.open(key.hexadecimal, beneath: outgoing, flags)
            }
        } else {
            number = quartermaster_openat(AT_FDCWD, full, flags | (folder == .root ? 0 : O_NOFOLLOW), 0)
            failure = errno
        }
        if number >= 0 { return FileDescriptor(owning: number, path: full) }
        switch failure {
        case ENOENT, ENOTDIR, ELOOP: return nil
        case let error: throw .file(.system(operation: "open", path: full, errno: error))
        }
    }

    private static func open(_ name: String, beneath directory: FileDescriptor, _ flags: Int32) -> (number: Int32, failure: Int32) {
        let number = quartermaster_open_beneath(directory.number, name, flags, 0)
        return (number, errno)
    }

    private func existing(_ folder: PadFolder) throws(PadError) -> FileDescriptor {
        guard let directory = try open(folder) else {
            throw .gone(path: folder.path.isEmpty ? path : "\(path)/\(folder.path)")
        }
        return directory
    }

    /// The last directory of the path alone: a path that is wrong, or below a mount that is missing, must not become a tree.
    private func makeRoot() throws(FileError) {
        let isNew = mkdir(path, 0o755) == 0
        guard isNew || errno == EEXIST else { throw .system(operation: "make directory", path: path, errno: errno) }
        let number = quartermaster_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, 0)
        guard number >= 0 else {
            if errno == ENOTDIR { throw .notDirectory(path: path) }
            throw .system(operation: "open", path: path, errno: errno)
        }
        let directory = FileDescriptor(owning: number, path: path)
        // The umask may have narrowed it. One that was there before keeps its mode: it may hold more than a pad.
        if isNew { _ = fchmod(directory.number, 0o755) }
    }

    /// `name` is one name, so that nothing on the way to it can become a link meanwhile.
    private func make(_ name: String, in parent: FileDescriptor, mode: UInt32) throws(PadError) -> FileDescriptor {
        for _ in 0..<3 {
            let isNew = mkdirat(parent.number, name, mode) == 0
            guard isNew || errno == EEXIST else {
                throw .file(.system(operation: "make directory", path: "\(parent.path)/\(name)", errno: errno))
            }
            let number = quartermaster_open_beneath(parent.number, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK, 0)
            if number >= 0 { return try correct(FileDescriptor(owning: number, path: "\(parent.path)/\(name)"), mode) }
            guard !isNew, [ENOTDIR, ELOOP, EXDEV].contains(errno) else {
                throw .file(.system(operation: "open", path: "\(parent.path)/\(name)", errno: errno))
            }
            let aside = ".aside-\(MessageFileName.digits(.random(in: 0 ... .max)))"
            if renameat(parent.number, name, parent.number, aside) != 0, errno != ENOENT {
                throw .file(.system(operation: "move aside", path: "\(parent.path)/\(name)", errno: errno))
            }
        }
        throw .file(.notDirectory(path: "\(parent.path)/\(name)"))
    }

    /// The umask may have narrowed what hosts must be able to write, or somebody widened what they must not. What belongs to another user
    /// stays as it is: `pad check` says what does not work.
    private func correct(_ directory: FileDescriptor, _ mode: UInt32) throws(PadError) -> FileDescriptor {
        let status = try file { () throws(FileError) in try directory.status() }
        if status.st_mode & 0o7777 != mode { _ = fchmod(directory.number, mode) }
        return directory
    }

    private func file<Value>(_ body: () throws(FileError) -> Value) throws(PadError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}
