import Inventory

/// Finds the mount that a path is on, in one mount namespace.
struct MountLookup {
    let mounts: [Mount]
    private let byPlace: NameIndex

    init(_ mounts: [Mount]) {
        self.mounts = mounts
        var byPlace = NameIndex()
        // The last mount at a place covers those before it.
        for (index, mount) in mounts.enumerated() { byPlace.set(mount.mountPoint, to: index) }
        self.byPlace = byPlace
    }

    /// Whether nothing is mounted over the mount of that position, at its very place.
    func isTopmost(_ index: Int) -> Bool { byPlace[mounts[index].mountPoint] == index }

    /// The mount at exactly this place.
    func mount(at place: String) -> Mount? { byPlace[place].map { mounts[$0] } }

    /// The mount that a path without links is on, and the path within its file system.
    func mount(of path: String) -> (mount: Mount, inside: String)? {
        guard let (index, length) = byPlace.deepest(holding: path) else { return nil }
        return (mounts[index], Self.joined(mounts[index].root, Substring(path.utf8.dropFirst(length == 1 ? 0 : length))))
    }

    /// Where a place of a file system is mounted: of all mounts that hold it, the one that shows the least besides.
    func place(of inside: String, on device: DeviceNumber) -> Mount? {
        var best: Mount?
        for (index, mount) in mounts.enumerated() where mount.deviceNumber == device && Self.isBelow(inside, mount.root) {
            guard byPlace[mount.mountPoint] == index, mount.root.utf8.count >= best?.root.utf8.count ?? 0 else { continue }
            best = mount
        }
        return best
    }

    private static func joined(_ root: String, _ rest: Substring) -> String {
        let base = root == "/" ? "" : root
        return base + (rest.hasPrefix("/") || rest.isEmpty ? String(rest) : "/\(rest)")
    }

    private static func isBelow(_ path: String, _ directory: String) -> Bool {
        directory == "/" || path == directory || path.hasPrefix(directory + "/")
    }
}
