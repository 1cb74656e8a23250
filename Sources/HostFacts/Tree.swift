import CLinux
import Files
import Glibc

/// The root that facts are read under: this machine's `/`, or a captured tree's. Links in a captured tree lead inside it, absolute ones
/// too.
package final class Tree: Sendable {
    let root: Int32
    /// The machine's own root: mounted file systems can be asked for their free space.
    package let isLive: Bool

    /// Throws where `sysroot` is no directory that can be opened.
    package init(sysroot: String? = nil) throws(FileError) {
        isLive = sysroot == nil
        root = quartermaster_open_in(AT_FDCWD, sysroot ?? "/", quartermaster_o_path | O_DIRECTORY, quartermaster_resolution_plain)
        guard root >= 0 else {
            if errno == ENOTDIR { throw .notDirectory(path: sysroot ?? "/") }
            throw .system(operation: "open", path: sysroot ?? "/", errno: errno)
        }
    }

    deinit { close(root) }

    /// For paths from the root: `sys/class/fc_host`.
    var fromRoot: quartermaster_resolution { isLive ? quartermaster_resolution_plain : quartermaster_resolution_in_root }
    /// For paths below a directory that is open already: `dm/name`.
    var fromDirectory: quartermaster_resolution { isLive ? quartermaster_resolution_plain : quartermaster_resolution_beneath }
    /// For single names in a directory that is open already: cheaper than `fromDirectory`, and no less closed.
    var oneName: quartermaster_resolution { isLive ? quartermaster_resolution_plain : quartermaster_resolution_no_link }

    /// A directory below the root; nil with errno where it cannot be opened.
    func directory(_ path: String, listing: Bool = false) -> Directory? {
        let flags = O_DIRECTORY | (listing ? O_RDONLY : quartermaster_o_path)
        let descriptor = quartermaster_open_in(root, path, flags, fromRoot)
        return descriptor < 0 ? nil : Directory(descriptor: descriptor, path: path)
    }

    /// A directory below another.
    func directory(_ path: String, below parent: borrowing Directory, listing: Bool = false) -> Directory? {
        let flags = O_DIRECTORY | (listing ? O_RDONLY : quartermaster_o_path)
        let descriptor = quartermaster_open_in(parent.descriptor, path, flags, fromDirectory)
        return descriptor < 0 ? nil : Directory(descriptor: descriptor, path: "\(parent.path)/\(path)")
    }

    /// A file below the root for reading, to be closed by the caller; negative with errno where it cannot be opened.
    func open(_ path: String) -> Int32 {
        var isOther: Int32 = 0
        return quartermaster_open_file(root, path, fromRoot, &isOther)
    }

    /// The number of the block device that a path below this machine's /dev leads to, over links that stay there. The path may be anybody's
    /// word: nothing outside of /dev's own file system is looked at, and nothing is opened.
    func blockDevice(below path: String) -> UInt64? {
        guard let directory = directory("dev") else { return nil }
        let descriptor = quartermaster_open_in(directory.descriptor, path, quartermaster_o_path, quartermaster_resolution_own_links)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFBLK else { return nil }
        return UInt64(status.st_rdev)
    }

    /// Whether a regular file stands at a path. Nothing is opened but the name.
    func isRegular(_ path: String) -> Bool {
        let descriptor = quartermaster_open_in(root, path, quartermaster_o_path, fromRoot)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// What the link at a path says; nil where there is none. The way to it leads through the links before it.
    func linkTarget(_ path: String) -> String? {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        guard let parent = directory(slash.map { String(path[..<$0]) } ?? ".") else { return nil }
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let target = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let length = target.map { readlinkat(parent.descriptor, name, $0, buffer.count) } ?? -1
            return length > 0 ? String(validating: buffer[..<length], as: UTF8.self) : nil
        }
    }

    /// Whether something stands at a path, whatever it is.
    func exists(_ path: String) -> Bool {
        let descriptor = quartermaster_open_in(root, path, quartermaster_o_path, fromRoot)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }
}

/// An open directory of a tree, closed at the end of its life.
struct Directory: ~Copyable {
    let descriptor: Int32
    /// From the root, without a slash before it; for further paths and for messages.
    let path: String

    deinit { close(descriptor) }
}
