import Inventory

/// Whose mounts are told.
package enum MountView: Sendable {
    /// The host's: process 1's.
    case host
    /// This process's own, as lsblk tells them.
    case own
}

/// Reads the table of mounts: process 1's, which is the host's, where this process has another. A service's sandbox shows bind mounts that are
/// the sandbox's own, read-only for it alone, and hides directories.
struct MountTables {
    static let own = "proc/self/mountinfo"
    static let host = "proc/1/mountinfo"
    /// 100,000 mounts of 4 KiB.
    static let limit = 400 << 20

    let reader: FactReader
    let view: MountView

    struct Table {
        var mounts: [Mount]
        var path: String
        /// Where the table is another process's: the places of this process's own mounts, by place, number and root.
        fileprivate var visible: NameIndex?

        /// Whether a question to the mount's place reaches it from here.
        func isVisible(_ mount: Mount) -> Bool { visible.map { $0[MountTables.identity(mount)] != nil } ?? true }
    }

    func read() -> Table {
        guard reader.tree.isLive else { return captured() }
        if view == .host, let first = MountNamespaces.identity(reader, Self.host), let own = MountNamespaces.identity(reader, Self.own),
            first != own, let table = mountinfo(Self.host)
        {
            var visible = NameIndex()
            let own = MountLookup(mountinfo(Self.own)?.mounts ?? [])
            for (index, mount) in own.mounts.enumerated() where own.isTopmost(index) { visible.insert(Self.identity(mount), at: 0) }
            return Table(mounts: table.mounts, path: Self.host, visible: visible)
        }
        return mountinfo(Self.own) ?? Table(mounts: [], path: Self.own)
    }

    /// A captured tree may have process 1's table, or only the older ones.
    private func captured() -> Table {
        for path in [Self.own, Self.host] {
            if let table = mountinfo(path) { return table }
        }
        for path in ["proc/mounts", "proc/self/mounts"] {
            if let table = table(path, .fstab) { return table }
        }
        return Table(mounts: [], path: Self.own)
    }

    /// The table of another mount namespace, no more than `limit` bytes of it, which becomes less by what was read, and whether that is all of it.
    /// What is wrong with it is not noted: a process that ends meanwhile takes its mounts with it, and anybody can make a namespace.
    func others(_ path: String, limit: inout Int) -> (table: MountTable, isWhole: Bool)? {
        var table = MountTable(.mountinfo)
        var count = 0
        let outcome = reader.eachLine(file: path, limit: limit) { line in
            count += line.count + 1
            table.add(line)
        }
        limit -= min(count, limit)
        guard case .success(let omission) = outcome else { return nil }
        return (table, omission == nil && table.omitted == 0)
    }

    private func mountinfo(_ path: String) -> Table? { table(path, .mountinfo) }

    /// Nil where there is none, or it cannot be read, which is noted.
    private func table(_ path: String, _ format: MountTable.Format) -> Table? {
        var table = MountTable(format)
        guard reader.eachLine(file: path, "fileSystems", limit: Self.limit, { table.add($0) }) else { return nil }
        if !table.malformedLines.isEmpty {
            reader.note(path, "fileSystems", "malformed: lines \(table.malformedLines.map(String.init).joined(separator: ", "))")
        }
        if table.omitted > 0 {
            reader.note(path, "fileSystems", "\(table.omitted) mounts beyond \(MountTable.maximumMounts) are not told")
        }
        for mount in table.mounts where mount.mountPoint.unicodeScalars.contains("\u{FFFD}") {
            reader.note(path, "mountPoint", "malformed: not UTF-8: \(mount.mountPoint)")
        }
        return Table(mounts: table.mounts, path: path)
    }

    fileprivate static func identity(_ mount: Mount) -> String {
        "\(mount.deviceNumber?.description ?? "") \(mount.root) \(mount.mountPoint)"
    }
}
