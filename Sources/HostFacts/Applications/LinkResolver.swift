import CLinux
import Glibc

/// Follows the links of paths one by one, and asks nothing of a file system that somebody else must answer for: a dead server would hold up
/// the reader.
///
/// A path may be anybody's: each component costs one look, relative to the directory before it; a path is gone through once, and the looks of all
/// paths together are counted.
struct LinkResolver {
    private let tree: Tree
    private let mounts: MountLookup
    /// What may still be looked at.
    private var looks: Int
    private var known: [String: Outcome] = [:]

    enum Outcome: Equatable {
        /// Without links.
        case found(String)
        case absent
        /// On a file system that is not asked, or below a directory that may not be searched: the path as far as it is known, and the rest as
        /// it was said.
        case assumed(String)
        /// Longer than is followed.
        case tooLong
    }

    /// Components of all paths together: those of an application with hundreds of directories.
    static let maximumLooks = 4096
    /// As the kernel has it (path_resolution(7)).
    private static let maximumLinks = 40

    init(tree: Tree, mounts: MountLookup, looks: Int = maximumLooks) {
        self.tree = tree
        self.mounts = mounts
        self.looks = looks
    }

    mutating func resolve(_ path: String) -> Outcome {
        if let outcome = known[path] { return outcome }
        let outcome = walk(path)
        known[path] = outcome
        return outcome
    }

    private mutating func walk(_ whole: String) -> Outcome {
        guard answers("/"), var directory = tree.directory(".") else { return .assumed(whole) }
        var pending = whole.split(separator: "/").reversed().map(String.init)
        // Of `directory`: empty at the root.
        var path = ""
        var links = 0
        while let component = pending.popLast() {
            if component == "." { continue }
            looks -= 1
            if component == ".." {
                path = String(path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)])
                // From the root, which nothing that is moved meanwhile leads out of; and so it costs what the way there does.
                looks -= path.utf8.count / 64
                guard looks >= 0 else { return .tooLong }
                guard let parent = self.directory(path) else {
                    return .assumed(([path] + pending.reversed()).joined(separator: "/"))
                }
                directory = parent
                continue
            }
            let next = "\(path)/\(component)"
            guard looks >= 0, next.utf8.count < PATH_MAX else { return .tooLong }
            // What is above was asked.
            guard answers(next) else { return .assumed(([next] + pending.reversed()).joined(separator: "/")) }
            switch target(of: component, in: directory) {
            case .link(let target):
                links += 1
                guard links <= Self.maximumLinks else { return .absent }
                if target.hasPrefix("/") {
                    guard let root = tree.directory(".") else { return .assumed(whole) }
                    path = ""
                    directory = root
                }
                pending += target.split(separator: "/").reversed().map(String.init)
            case .none:
                path = next
                if pending.isEmpty { break }
                let descriptor = open(component, of: next, in: directory, quartermaster_o_path | O_DIRECTORY)
                if descriptor < 0 { return failure(errno, next, pending) }
                directory = Directory(descriptor: descriptor, path: String(next.dropFirst()))
            case .failed(let errno): return failure(errno, next, pending)
            }
        }
        return .found(path.isEmpty ? "/" : path)
    }

    // MARK: What stands at a path without links

    /// To be listed; nil with errno where it cannot be opened.
    func listing(_ path: String) -> Directory? {
        guard let directory = directory(path) else { return nil }
        let descriptor = quartermaster_open_in(directory.descriptor, ".", O_RDONLY | O_DIRECTORY, quartermaster_resolution_plain)
        return descriptor < 0 ? nil : Directory(descriptor: descriptor, path: String(path.drop { $0 == "/" }))
    }

    /// A regular file, opened as a place only (O_PATH), to be closed by the caller; negative where there is none.
    func file(_ path: String) -> Int32 {
        guard let slash = path.lastIndex(of: "/"), let parent = directory(String(path[..<slash])) else { return -1 }
        let descriptor = open(String(path[path.index(after: slash)...]), of: path, in: parent, quartermaster_o_path)
        var status = stat()
        if descriptor < 0 || fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG { return descriptor }
        close(descriptor)
        return -1
    }

    /// From the root on, name by name.
    private func directory(_ path: String) -> Directory? {
        guard var directory = tree.directory(".") else { return nil }
        var place = ""
        for component in path.split(separator: "/") {
            place += "/\(component)"
            let descriptor = open(String(component), of: place, in: directory, quartermaster_o_path | O_DIRECTORY)
            if descriptor < 0 { return nil }
            directory = Directory(descriptor: descriptor, path: String(place.dropFirst()))
        }
        return directory
    }

    /// What nobody had mounted when the table was read is not gone into: it may be anybody's, and answer never.
    private func open(_ name: String, of place: String, in directory: borrowing Directory, _ flags: Int32) -> Int32 {
        let isMount = !tree.isLive || mounts.mount(at: place) != nil
        return quartermaster_open_in(
            directory.descriptor, name, flags, isMount ? quartermaster_resolution_no_link : quartermaster_resolution_own_name)
    }

    private func failure(_ errno: Int32, _ path: String, _ pending: [String]) -> Outcome {
        errno == ENOENT || errno == ENOTDIR ? .absent : .assumed(([path] + pending.reversed()).joined(separator: "/"))
    }

    /// Whether no other file system than one that answers at once is mounted at this very place.
    private func answers(_ place: String) -> Bool { mounts.mount(at: place).map { FileSystemKind.answersAtOnce($0.type) } ?? true }

    private enum Target {
        case link(String)
        case none
        case failed(Int32)
    }

    private func target(of name: String, in directory: borrowing Directory) -> Target {
        let descriptor = directory.descriptor
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return .failed(ENOMEM) }
            let length = readlinkat(descriptor, name, start, buffer.count)
            if length < 0 { return errno == EINVAL ? .none : .failed(errno) }
            return .link(String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self))
        }
    }
}
