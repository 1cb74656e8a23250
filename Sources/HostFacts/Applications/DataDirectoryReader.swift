import Glibc
import Identifiers
import Inventory

/// Finds where an application keeps its data: what its process says, else what its configuration says, else the usual places; and what lies
/// under each.
struct DataDirectoryReader {
    private let reader: FactReader
    private let host: MountLookup
    private var links: LinkResolver
    private var resolver: DeviceResolver
    private var stack: Inventory.Stack
    /// Mount tables of other namespaces, by the number of their first mount; nil where a table was not read.
    private var namespaces: [String: MountLookup?] = [:]
    /// What may still be read of their tables.
    private var namespaceBytes = maximumNamespaceBytes
    private let ownNamespace: String?
    private var noted: Set<String> = []

    /// More files of one setting, or directories of one pattern, are passed over.
    private static let maximumMatches = 64
    /// Of a file of settings, in bytes.
    private static let settingsLimit = 1 << 20
    /// Of one application, those included that are in one place or in none.
    private static let maximumNamed = 4 * Inventory.Application.maximumDirectories
    /// Of the namespaces of one application's processes: anybody may make one, and call a process as he likes.
    private static let maximumNamespaceBytes = 4 << 20

    init(reader: FactReader, mounts: [Mount], blockDevices: [Inventory.BlockDevice]) {
        self.reader = reader
        host = MountLookup(mounts)
        links = LinkResolver(tree: reader.tree, mounts: host)
        resolver = DeviceResolver(reader: reader, blockDevices: blockDevices)
        stack = Inventory.Stack(blockDevices)
        ownNamespace = Self.namespace(of: "1", reader) ?? Self.namespace(of: "self", reader)
    }

    mutating func directories(of row: ApplicationTable.Row, _ processes: [RunningProcess]) -> [Inventory.DataDirectory] {
        // What a stranger's process costs, no other application pays for.
        links = LinkResolver(tree: reader.tree, mounts: host)
        (namespaces, namespaceBytes) = ([:], Self.maximumNamespaceBytes)
        var found = ofProcesses(processes)
        if found.isEmpty { found = ofSettings(row.settings) }
        if found.isEmpty { found = ofUsualPlaces(row.directories) }
        var seen: Set<Place> = []
        let unique = found.sorted { ($0.path, $0.evidence) < ($1.path, $1.evidence) }.filter { seen.insert(Place($0)).inserted }
        return Array(unique.prefix(Inventory.Application.maximumDirectories))
    }

    /// Of those that are in one place, one is told.
    private struct Place: Hashable {
        let path: String
        let mountPoint: String?
        let devices: [String]

        init(_ directory: Inventory.DataDirectory) {
            (path, mountPoint, devices) = (directory.path, directory.mountPoint, directory.devices)
        }
    }

    private mutating func ofProcesses(_ processes: [RunningProcess]) -> [Inventory.DataDirectory] {
        var found: [Inventory.DataDirectory] = []
        for process in processes {
            for (option, path) in process.directories {
                guard hasRoom(found.count, "proc/\(process.id)/cmdline") else { return found }
                reader.trace?.add("path", "proc/\(process.id)/cmdline", "option \(option) gives \(path)")
                found.append(directory(path, "option \(option)", of: process))
            }
        }
        return found
    }

    private mutating func ofSettings(_ settings: [ApplicationTable.Setting]) -> [Inventory.DataDirectory] {
        var found: [Inventory.DataDirectory] = []
        var asked: Set<String> = []
        for setting in settings {
            for file in matches(setting.file) {
                // What is named a thousand times in a file is looked at once.
                for path in paths(setting.key, in: file) where asked.insert("\(setting.key) \(file) \(path)").inserted {
                    guard hasRoom(asked.count - 1, String(file.dropFirst())) else { return found }
                    if let directory = directory(path, "setting \(setting.key) in \(file)", mustExist: true) {
                        reader.trace?.add("path", String(file.dropFirst()), "setting \(setting.key) gives \(path)")
                        found.append(directory)
                    }
                }
            }
        }
        return found
    }

    private mutating func ofUsualPlaces(_ patterns: [String]) -> [Inventory.DataDirectory] {
        var found: [Inventory.DataDirectory] = []
        for pattern in patterns {
            for path in matches(pattern) {
                guard hasRoom(found.count, String(path.dropFirst())) else { return found }
                if let directory = directory(path, "usual place", mustExist: true) {
                    reader.trace?.add("path", String(path.dropFirst()), "usual place")
                    found.append(directory)
                }
            }
        }
        return found
    }

    /// Files and processes are anybody's: what they name beyond this is passed over, which is told.
    private mutating func hasRoom(_ count: Int, _ path: String) -> Bool {
        guard count >= Self.maximumNamed else { return true }
        note(path, "not all of it is looked at: its application names more than \(Self.maximumNamed) data directories")
        return false
    }

    // MARK: What lies under a directory

    private mutating func directory(_ path: String, _ evidence: String, of process: RunningProcess) -> Inventory.DataDirectory {
        let evidence = "\(evidence) of \(process.name)"
        switch namespace(of: process) {
        case .host: return directory(path, evidence, mustExist: false) ?? Inventory.DataDirectory(path: path, evidence: evidence)
        case .other(let name, let table):
            let evidence = "\(evidence), in a mount namespace of its own"
            guard let table, let (mount, inside) = table.mount(of: path) else {
                return Inventory.DataDirectory(path: path, evidence: evidence)
            }
            let source = MountSource.told(mount.source, type: mount.type)
            reader.trace?.add("directories", "proc/\(process.id)/mountinfo", "\(path) in namespace \(name): \(source)")
            let place = mount.deviceNumber.flatMap { host.place(of: inside, on: $0) }
            return directory(path, evidence, on: mount, at: place?.mountPoint)
        }
    }

    private mutating func directory(_ path: String, _ evidence: String, mustExist: Bool) -> Inventory.DataDirectory? {
        let real: String
        switch resolve(path) {
        case .found(let path), .assumed(let path): real = path
        case .tooLong: return mustExist ? nil : Inventory.DataDirectory(path: path, evidence: evidence)
        case .absent:
            if mustExist { return nil }
            real = path
        }
        reader.trace?.add("directories", String(path.dropFirst()), "\(evidence): \(real)")
        guard let (mount, _) = host.mount(of: real) else { return Inventory.DataDirectory(path: path, evidence: evidence) }
        return directory(path, evidence, on: mount, at: mount.mountPoint)
    }

    private mutating func resolve(_ path: String) -> LinkResolver.Outcome {
        let outcome = links.resolve(path)
        if outcome == .tooLong {
            note(
                String(path.dropFirst()),
                "not followed: its application's paths have more than \(LinkResolver.maximumLooks) components in all")
        }
        return outcome
    }

    /// Once for each reason: an application may have hundreds of directories.
    private mutating func note(_ path: String, _ reason: String) {
        if noted.insert(reason).inserted { reader.note(path, "applications", reason) }
    }

    private mutating func directory(_ path: String, _ evidence: String, on mount: Mount, at place: String?) -> Inventory.DataDirectory {
        let devices = resolver.devices(of: mount)
        return Inventory.DataDirectory(
            path: path, evidence: evidence, mountPoint: place, devices: devices, wwids: stack.wwids(under: devices))
    }

    // MARK: Mount namespaces

    private enum Namespace {
        case host
        /// As in a container; nil where its table was not read, and nobody knows what lies under its paths.
        case other(String, MountLookup?)
    }

    private mutating func namespace(of process: RunningProcess) -> Namespace {
        guard let ownNamespace, let name = Self.namespace(of: process.id, reader), name != ownNamespace else { return .host }
        if let known = namespaces[name] { return .other(name, known) }
        let path = "proc/\(process.id)/mountinfo"
        let found = MountTables(reader: reader, view: .host).others(path, limit: &namespaceBytes)
        // Of half a table what is mounted over a directory may be missing.
        let table = found.flatMap { $0.isWhole ? MountLookup($0.table.mounts) : nil }
        if found != nil, table == nil {
            note(
                path,
                "not read: the mounts of its application's processes are more than \(Self.maximumNamespaceBytes >> 20) MiB; where their data lies is not told"
            )
        }
        namespaces.updateValue(table, forKey: name)
        return .other(name, table)
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

    private mutating func paths(_ key: String, in file: String) -> [String] {
        // A link to a file elsewhere is followed; a FIFO is not waited for.
        guard case .found(let place) = resolve(file) else { return [] }
        let parse = { (bytes: UnsafeRawBufferPointer) -> FactText.Parsed<[String]> in .value(ApplicationSettings.paths(of: key, in: bytes))
        }
        let path = String(file.dropFirst())
        guard reader.tree.isLive else { return reader.whole(file: path, "applications", limit: Self.settingsLimit, parse) ?? [] }
        let descriptor = links.file(place)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return reader.whole(open: descriptor, path, "applications", limit: Self.settingsLimit, parse) ?? []
    }

    /// The paths that fit a pattern, sorted. One without `*` is itself, whether it exists or not.
    private mutating func matches(_ pattern: String) -> [String] {
        var found = [""]
        for component in pattern.split(separator: "/") {
            guard component.contains("*") else {
                found = found.map { "\($0)/\(component)" }
                continue
            }
            found = found.flatMap { directory -> [String] in
                guard case .found(let place) = resolve(directory.isEmpty ? "/" : directory) else { return [] }
                return names(in: place, component).map { "\(directory)/\($0)" }
            }
            if found.count > Self.maximumMatches { found = Array(found.prefix(Self.maximumMatches)) }
        }
        return found
    }

    /// The names that fit, of a directory at a path without links.
    private func names(in place: String, _ component: Substring) -> [String] {
        guard let listing = links.listing(place) else {
            if !FactReader.meansAbsent(errno) {
                reader.note(String(place.dropFirst()), "applications", "unreadable: \(FactText.text(ofErrno: errno))")
            }
            return []
        }
        return reader.names(in: listing, "applications", first: Self.maximumMatches) { ApplicationPath.matches(Substring($0), component) }
    }
}
