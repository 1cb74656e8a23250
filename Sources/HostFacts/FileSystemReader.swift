import Glibc
import Identifiers
import Inventory

/// Reads what is mounted and swapped to, with the block devices under each.
struct FileSystemReader {
    private let reader: FactReader
    private let view: MountView
    private var stack: Inventory.Stack
    private let hasLoops: Bool
    private var resolver: DeviceResolver
    /// Under devices that file systems of the table at hand lie on.
    private var knownWWIDs = Inventory.KnownWWIDs()
    private var poolStates: [String: String?] = [:]
    /// The whole table that `all` read, with what is no storage.
    private(set) var mounts: [Mount] = []

    init(reader: FactReader, blockDevices: [Inventory.BlockDevice], view: MountView = .host) {
        self.reader = reader
        self.view = view
        stack = Inventory.Stack(blockDevices)
        hasLoops = blockDevices.contains { $0.kind == "loop" }
        resolver = DeviceResolver(reader: reader, blockDevices: blockDevices)
    }

    /// File systems on block devices, of the network, of pools; and swap areas. Those of the kernel's own (proc, tmpfs) are no storage.
    mutating func all() -> [MountedFileSystem] {
        let table = MountTables(reader: reader, view: view).read()
        mounts = table.mounts
        let lookup = MountLookup(mounts)
        knownWWIDs = Inventory.KnownWWIDs()
        // On the way to what is mounted below one of these, somebody else is asked.
        let slow = NameIndex(mounts.filter { !FileSystemKind.answersAtOnce($0.type) }.map(\.mountPoint))
        var seen = NameIndex()
        var result: [MountedFileSystem] = []
        for (index, mount) in mounts.enumerated() {
            reader.trace?.subject = mount.mountPoint
            guard let facts = fileSystem(mount, among: lookup, table.path) else { continue }
            // One file system mounted twice at one place, as some boot sequences leave it, is told once.
            if let earlier = seen[facts.key], result[earlier].facts == facts { continue }
            seen.set(facts.key, to: result.count)
            result.append(
                MountedFileSystem(
                    facts: facts, deviceNumber: mount.deviceNumber,
                    canBeAsked: lookup.isTopmost(index) && FileSystemKind.answersAtOnce(mount.type)
                        && FileSystemKind.hasSpace(mount.type) && table.isVisible(mount),
                    answersFromMemory: FileSystemKind.answersFromMemory(mount.type)
                        && slow.deepest(holding: mount.mountPoint, itself: false) == nil))
        }
        for area in swapAreas() {
            var facts = Inventory.FileSystem(
                mountPoint: "[SWAP]", type: "swap", source: area.source, devices: resolver.devices(ofSwap: area.source, among: lookup),
                sizeBytes: area.sizeBytes, usedBytes: area.sizeBytes - area.availableBytes, availableBytes: area.availableBytes)
            reader.trace?.add("devices", "proc/swaps", "\(area.source): \(facts.devices.joined(separator: " "))")
            if area.source.hasPrefix("/dev/") { facts.uuid = resolver.uuid(of: "swap", on: facts.devices) }
            facts.wwids = wwids(under: facts.devices, among: lookup)
            result.append(MountedFileSystem(facts: facts, deviceNumber: nil, canBeAsked: false, answersFromMemory: false))
        }
        return result
    }

    /// What is mounted in other mount namespaces and nowhere in the host's table: `all` comes first. No usage is asked for: their paths are
    /// theirs.
    mutating func elsewhere() -> [Inventory.FileSystem] {
        var known = NameIndex()
        for mount in mounts { if let number = mount.deviceNumber { known.insert(number.description, at: 0) } }
        var keys = NameIndex()
        var result: [Inventory.FileSystem] = []
        for namespace in MountNamespaces(reader: reader).others() {
            let lookup = MountLookup(namespace.mounts)
            knownWWIDs = Inventory.KnownWWIDs()
            for mount in namespace.mounts {
                guard let number = mount.deviceNumber?.description, known[number] == nil else { continue }
                reader.trace?.subject = mount.mountPoint
                // Where a container's overlay lies says the host's path, which its own table does not lead to.
                guard var facts = fileSystem(mount, among: lookup, namespace.path), mount.type != "overlay" || !facts.devices.isEmpty else {
                    continue
                }
                known.insert(number, at: 0)
                facts.process = namespace.process
                if keys[facts.key] != nil { continue }
                keys.insert(facts.key, at: 0)
                result.append(facts)
            }
        }
        return result
    }

    /// Nil for what is no storage.
    private mutating func fileSystem(_ mount: Mount, among mounts: MountLookup, _ table: String) -> Inventory.FileSystem? {
        var devices = resolver.devices(of: mount)
        if devices.isEmpty, mount.type == "overlay", let upper = mount.upperDirectory {
            devices = resolver.devices(ofFile: upper, among: mounts)
        }
        guard !devices.isEmpty || FileSystemKind.isStorage(type: mount.type) else { return nil }
        let source = MountSource.told(mount.source, type: mount.type)
        reader.trace?.add("devices", table, "\(source): \(devices.joined(separator: " "))")
        var facts = Inventory.FileSystem(
            mountPoint: mount.mountPoint, type: mount.type, source: source, root: mount.root == "/" ? nil : mount.root,
            devices: devices, readOnly: mount.readOnly)
        facts.uuid = resolver.uuid(of: mount.type, on: devices)
        facts.wwids = wwids(under: devices, among: mounts)
        if mount.type == "zfs", let pool = mount.source.split(separator: "/").first {
            facts.state = state(ofPool: String(pool))
        }
        return facts
    }

    /// Read once; but each of its datasets says where it was read from.
    private mutating func state(ofPool pool: String) -> String? {
        if reader.trace == nil, let known = poolStates[pool] { return known }
        let state = reader.text(file: "proc/spl/kstat/zfs/\(pool)/state", "state")
        poolStates.updateValue(state, forKey: pool)
        return state
    }

    /// Down to the logical units, through the files of loop devices too.
    private mutating func wwids(under devices: [String], among mounts: MountLookup) -> [WWID] {
        guard hasLoops else { return stack.wwids(under: devices) }
        if let found = knownWWIDs[devices] { return found }
        let found = wwidsThroughFiles(under: devices, among: mounts, depth: 0)
        knownWWIDs[devices] = found
        return found
    }

    private mutating func wwidsThroughFiles(under devices: [String], among mounts: MountLookup, depth: Int) -> [WWID] {
        var found = stack.wwids(under: devices)
        guard depth < 4 else { return found }
        for loop in stack.disks(under: devices) where loop.kind == "loop" {
            guard let file = loop.backingFile else { continue }
            let below = resolver.devices(ofFile: file, among: mounts)
            found += wwidsThroughFiles(under: below, among: mounts, depth: depth + 1).filter { !found.contains($0) }
        }
        return found.sorted()
    }

    private func swapAreas() -> [SwapArea] {
        reader.trace?.subject = "[SWAP]"
        guard let (areas, malformed) = reader.whole(file: "proc/swaps", "fileSystems", { .value(SwapTable.parse($0)) }) else { return [] }
        if !malformed.isEmpty {
            reader.note("proc/swaps", "fileSystems", "malformed: lines \(malformed.map(String.init).joined(separator: ", "))")
        }
        return areas
    }
}

/// A file system with what is needed to ask it for its free space.
struct MountedFileSystem {
    var facts: Inventory.FileSystem
    var deviceNumber: DeviceNumber?
    /// The topmost at its place, and of a kind whose `statfs` asks nobody else.
    var canBeAsked: Bool
    /// It is asked by the thread that reads the facts: its `statfs` cannot hang, and neither can the way to it.
    var answersFromMemory: Bool
}
