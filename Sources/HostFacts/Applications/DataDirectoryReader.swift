import Glibc
import Identifiers
import Inventory

/// Finds where an application keeps its data: what its process says, else what its configuration says, else the usual places; and what lies
/// under each.
struct DataDirectoryReader {
    private let reader: FactReader
    private let host: MountLookup
    private let links: LinkResolver
    private var resolver: DeviceResolver
    private var stack: Inventory.Stack
    /// Mount tables of other namespaces, by the number of their first mount.
    private var namespaces: [String: MountLookup] = [:]
    /// What may still be read of their tables.
    private var namespaceBytes = MountNamespaces.maximumBytes
    private let ownNamespace: String?

    /// More files of one setting, or directories of one pattern, are passed over.
    private static let maximumMatches = 64
    private static let maximumNamespaces = 64

    init(reader: FactReader, mounts: [Mount], blockDevices: [Inventory.BlockDevice]) {
        self.reader = reader
        host = MountLookup(mounts)
        links = LinkResolver(tree: reader.tree, mounts: host)
        resolver = DeviceResolver(reader: reader, blockDevices: blockDevices)
        stack = Inventory.Stack(blockDevices)
        ownNamespace = Self.namespace(of: "1", reader) ?? Self.namespace(of: "self", reader)
    }

    mutating func directories(of row: ApplicationTable.Row, _ processes: [RunningProcess]) -> [Inventory.DataDirectory] {
        var found: [Inventory.DataDirectory] = []
        for process in processes {
            for (option, path) in process.directories {
                reader.trace?.add("path", "proc/\(process.id)/cmdline", "option \(option) gives \(path)")
                found.append(directory(path, "option \(option)", of: process))
            }
        }
        if found.isEmpty {
            for setting in row.settings {
                for file in matches(setting.file) {
                    for path in paths(setting.key, in: file) {
                        if let directory = directory(path, "setting \(setting.key) in \(file)", mustExist: true) {
                            reader.trace?.add("path", String(file.dropFirst()), "setting \(setting.key) gives \(path)")
                            found.append(directory)
                        }
                    }
                }
            }
        }
        if found.isEmpty {
            for pattern in row.directories {
                for path in matches(pattern) {
                    if let directory = directory(path, "usual place", mustExist: true) {
                        reader.trace?.add("path", String(path.dropFirst()), "usual place")
                        found.append(directory)
                    }
                }
            }
        }
        var unique: [Inventory.DataDirectory] = []
        for directory in found.sorted(by: { ($0.path, $0.evidence) < ($1.path, $1.evidence) })
        where !unique.contains(where: { ($0.path, $0.mountPoint, $0.devices) == (directory.path, directory.mountPoint, directory.devices) })
        {
            unique.append(directory)
        }
        return Array(unique.prefix(Inventory.Application.maximumDirectories))
    }

    // MARK: What lies under a directory

    private mutating func directory(_ path: String, _ evidence: String, of process: RunningProcess) -> Inventory.DataDirectory {
        if let (name, table) = otherNamespace(of: process), let (mount, inside) = table.mount(of: path) {
            let source = MountSource.told(mount.source, type: mount.type)
            reader.trace?.add("directories", "proc/\(process.id)/mountinfo", "\(path) in namespace \(name): \(source)")
            let place = mount.deviceNumber.flatMap { host.place(of: inside, on: $0) }
            return directory(path, "\(evidence) of \(process.name), in a mount namespace of its own", on: mount, at: place?.mountPoint)
        }
        let evidence = "\(evidence) of \(process.name)"
        return directory(path, evidence, mustExist: false) ?? Inventory.DataDirectory(path: path, evidence: evidence)
    }

    private mutating func directory(_ path: String, _ evidence: String, mustExist: Bool) -> Inventory.DataDirectory? {
        let real: String
        switch links.resolve(path) {
        case .found(let path), .assumed(let path): real = path
        case .absent:
            if mustExist { return nil }
            real = path
        }
        reader.trace?.add("directories", String(path.dropFirst()), "\(evidence): \(real)")
        guard let (mount, _) = host.mount(of: real) else { return Inventory.DataDirectory(path: path, evidence: evidence) }
        return directory(path, evidence, on: mount, at: mount.mountPoint)
    }

    private mutating func directory(_ path: String, _ evidence: String, on mount: Mount, at place: String?) -> Inventory.DataDirectory {
        let devices = resolver.devices(of: mount)
        return Inventory.DataDirectory(
            path: path, evidence: evidence, mountPoint: place, devices: devices, wwids: stack.wwids(under: devices))
    }

    // MARK: Mount namespaces

    /// The table of a process that does not see the host's mounts, as in a container; nil for all others.
    private mutating func otherNamespace(of process: RunningProcess) -> (String, MountLookup)? {
        guard let ownNamespace, let name = Self.namespace(of: process.id, reader), name != ownNamespace else { return nil }
        if let known = namespaces[name] { return (name, known) }
        guard namespaces.count < Self.maximumNamespaces,
            let table = MountTables(reader: reader, view: .host).others("proc/\(process.id)/mountinfo", limit: &namespaceBytes)
        else { return nil }
        let lookup = MountLookup(table.mounts)
        namespaces[name] = lookup
        return (name, lookup)
    }

    /// The number of a process's first mount, its root: one number belongs to one mount, of one namespace (proc_pid_mountinfo(5)).
    private static func namespace(of process: String, _ reader: FactReader) -> String? {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let file = reader.tree.open("proc/\(process)/mountinfo")
            guard file >= 0 else { return nil }
            defer { close(file) }
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            guard count > 0, let space = buffer[..<count].firstIndex(of: 0x20) else { return nil }
            let number = UnsafeRawBufferPointer(rebasing: buffer[..<space])
            return FactText.decimal(number).map(String.init)
        }
    }

    // MARK: Patterns and settings

    private func paths(_ key: String, in file: String) -> [String] {
        // A link to a file elsewhere is followed; a FIFO is not waited for.
        switch links.resolve(file) {
        case .found: break
        case .absent, .assumed: return []
        }
        return reader.whole(file: String(file.dropFirst()), "applications", limit: 1 << 20) {
            .value(ApplicationSettings.paths(of: key, in: $0))
        }
            ?? []
    }

    /// The paths that fit a pattern, sorted. One without `*` is itself, whether it exists or not.
    private func matches(_ pattern: String) -> [String] {
        var found = [""]
        for component in pattern.split(separator: "/") {
            guard component.contains("*") else {
                found = found.map { "\($0)/\(component)" }
                continue
            }
            found = found.flatMap { directory -> [String] in
                guard case .found = links.resolve(directory.isEmpty ? "/" : directory) else { return [] }
                return reader.names(String(directory.dropFirst()), "applications").filter {
                    ApplicationPath.matches(Substring($0), component)
                }
                .map { "\(directory)/\($0)" }
            }
            if found.count > Self.maximumMatches { found = Array(found.prefix(Self.maximumMatches)) }
        }
        return found
    }
}
