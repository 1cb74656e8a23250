import CLinux
import Files
import Glibc

/// Removes what others may have built, however deep and wide, with bounded memory, three descriptors and a bounded number of steps.
///
/// Nothing is descended into further than one level: of a directory that is not empty, files are removed, and directories are moved up into the
/// tree's top, under new names. So each entry is touched a few times, whatever its depth.
struct HostileTree {
    /// How much is done at one call; the rest goes at the next.
    static let steps = 65_536
    private static let namesAtOnce = 4096

    private let top: FileDescriptor
    private var left: Int
    /// Removed or moved: a round without any ends the work.
    private var changes = 0
    /// The first thing that could not be removed.
    private var failure: FileError?

    private init(_ top: FileDescriptor, steps: Int) {
        self.top = top
        left = steps
    }

    /// False where there is nothing of that name. Links are removed, not followed. Throws what kept the first entry that stays, or ENOTEMPTY
    /// where there was more than `steps`.
    static func remove(_ name: PadName, in directory: FileDescriptor, steps: Int = Self.steps) throws(FileError) -> Bool {
        switch remove(name, in: directory) {
        case .removed: return true
        case .absent: return false
        case .stuck(let error): throw error
        case .full: break
        }
        var tree = HostileTree(try open(name, in: directory), steps: steps)
        try tree.empty()
        switch remove(name, in: directory) {
        case .removed, .absent: return true
        case .stuck(let error): throw tree.failure ?? error
        case .full:
            throw tree.failure ?? .system(operation: "remove all of", path: "\(directory.path)/\(name)", errno: ENOTEMPTY)
        }
    }

    private mutating func empty() throws(FileError) {
        while left > 0 {
            let before = changes
            let names = try DirectoryListing.names(of: top, limit: Self.namesAtOnce)
            if names.isEmpty { return }
            for name in names where left > 0 { try clear(name) }
            if changes == before { return }
        }
    }

    /// Removes an entry of the top. What is in it is removed or moved up.
    private mutating func clear(_ name: PadName) throws(FileError) {
        guard isFull(name, in: top) else { return }
        let inner: FileDescriptor
        do throws(FileError) { inner = try Self.open(name, in: top) } catch {
            failure = failure ?? error
            return
        }
        while left > 0 {
            let before = changes
            let names = try DirectoryListing.names(of: inner, limit: Self.namesAtOnce)
            if names.isEmpty { break }
            for entry in names where left > 0 {
                if isFull(entry, in: inner) { moveUp(entry, from: inner) }
            }
            if changes == before { return }
        }
        _ = isFull(name, in: top)
    }

    private mutating func moveUp(_ name: PadName, from inner: FileDescriptor) {
        let newName = PadName(known: ".\(MessageFileName.digits(.random(in: 0 ... .max)))")
        let error = name.withCString { old in
            newName.withCString { new in renameat(inner.number, old, top.number, new) == 0 ? 0 : errno }
        }
        switch error {
        case 0: changes += 1
        case ENOENT: break
        default: failure = failure ?? .system(operation: "rename to \(newName)", path: "\(inner.path)/\(name)", errno: error)
        }
    }

    /// Removes the entry, unless it is a directory with something in it.
    private mutating func isFull(_ name: PadName, in directory: FileDescriptor) -> Bool {
        left -= 1
        switch Self.remove(name, in: directory) {
        case .removed: changes += 1
        case .absent: break
        case .full: return true
        case .stuck(let error): failure = failure ?? error
        }
        return false
    }

    private enum Removal {
        case removed, absent
        /// A directory with something in it.
        case full
        case stuck(FileError)
    }

    private static func remove(_ name: PadName, in directory: FileDescriptor) -> Removal {
        let error = name.withCString { unlinkat(directory.number, $0, 0) == 0 ? 0 : errno }
        switch error {
        case 0: return .removed
        case ENOENT: return .absent
        // POSIX, and NFS servers, say EPERM for a directory.
        case EISDIR, EPERM: break
        default: return .stuck(.system(operation: "remove", path: "\(directory.path)/\(name)", errno: error))
        }
        let outcome = name.withCString { unlinkat(directory.number, $0, AT_REMOVEDIR) == 0 ? 0 : errno }
        switch outcome {
        case 0: return .removed
        case ENOENT: return .absent
        case ENOTEMPTY, EEXIST: return .full
        case ENOTDIR: return .stuck(.system(operation: "remove", path: "\(directory.path)/\(name)", errno: error))
        default: return .stuck(.system(operation: "remove directory", path: "\(directory.path)/\(name)", errno: outcome))
        }
    }

    private static func open(_ name: PadName, in directory: FileDescriptor) throws(FileError) -> FileDescriptor {
        let number = name.withCString {
            quartermaster_open_beneath(directory.number, $0, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard number >= 0 else { throw .system(operation: "open", path: "\(directory.path)/\(name)", errno: errno) }
        return FileDescriptor(owning: number, path: "\(directory.path)/\(name)")
    }
}
