import Glibc

/// Follows the links of a path one by one, and asks nothing of a file system that somebody else must answer for: a dead server would hold up
/// the reader.
struct LinkResolver {
    let tree: Tree
    let mounts: MountLookup

    enum Outcome: Equatable {
        /// Without links.
        case found(String)
        case absent
        /// On a file system that is not asked, or below a directory that may not be searched: the path as far as it is known, and the rest as
        /// it was said.
        case assumed(String)
    }

    /// As the kernel has it (path_resolution(7)).
    private static let maximumLinks = 40

    func resolve(_ path: String) -> Outcome {
        var pending = path.split(separator: "/").reversed().map(String.init)
        var resolved: [String] = []
        var links = 0
        while let component = pending.popLast() {
            if component == "." { continue }
            if component == ".." {
                _ = resolved.popLast()
                continue
            }
            let next = (resolved + [component]).joined(separator: "/")
            if let (mount, _) = mounts.mount(of: "/" + next), !FileSystemKind.answersAtOnce(mount.type) {
                return .assumed("/" + ([next] + pending.reversed()).joined(separator: "/"))
            }
            switch target(next) {
            case .link(let target):
                links += 1
                guard links <= Self.maximumLinks else { return .absent }
                if target.hasPrefix("/") { resolved = [] }
                pending += target.split(separator: "/").reversed().map(String.init)
            case .none: resolved.append(component)
            case .failed(ENOENT), .failed(ENOTDIR): return .absent
            case .failed: return .assumed("/" + ([next] + pending.reversed()).joined(separator: "/"))
            }
        }
        return .found("/" + resolved.joined(separator: "/"))
    }

    private enum Target {
        case link(String)
        case none
        case failed(Int32)
    }

    /// `path` is from the root, and has no links but, it may be, its last component.
    private func target(_ path: String) -> Target {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let start = buffer.baseAddress else { return .failed(ENOMEM) }
            let length = readlinkat(tree.root, path, start, buffer.count)
            if length < 0 { return errno == EINVAL ? .none : .failed(errno) }
            return .link(String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self))
        }
    }
}
