import Glibc
import Inventory

/// Reads what is mounted and swapped to, with the block devices under each.
struct FileSystemReader {
    private let reader: FactReader
    private var resolver: DeviceResolver
    /// The whole table that `all` read, with what is no storage.
    private(set) var mounts: [Mount] = []

    init(reader: FactReader, blockDevices: [Inventory.BlockDevice]) {
        self.reader = reader
        resolver = DeviceResolver(reader: reader, blockDevices: blockDevices)
    }

    /// File systems on block devices, of the network, of pools; and swap areas. Those of the kernel's own (proc, tmpfs) are no storage.
    mutating func all() -> [MountedFileSystem] {
        mounts = readMounts()
        // The last mount at a place covers those before it.
        var topmost = NameIndex()
        for (index, mount) in mounts.enumerated() { topmost[mount.mountPoint] = index }
        // On the way to what is mounted below one of these, somebody else is asked.
        let slow = mounts.filter { !FileSystemKind.answersAtOnce($0.type) }.map { $0.mountPoint == "/" ? "/" : $0.mountPoint + "/" }
        var seen = NameIndex()
        var result: [MountedFileSystem] = []
        for (index, mount) in mounts.enumerated() {
            reader.trace?.subject = mount.mountPoint
            let devices = resolver.devices(of: mount)
            guard !devices.isEmpty || FileSystemKind.isStorage(type: mount.type, source: mount.source) else { continue }
            reader.trace?.add("devices", MountSource.mountinfo, "\(mount.source): \(devices.joined(separator: " "))")
            let facts = Inventory.FileSystem(
                mountPoint: mount.mountPoint, type: mount.type, source: mount.source, root: mount.root == "/" ? nil : mount.root,
                devices: devices, readOnly: mount.readOnly)
            // One file system mounted twice at one place, as some boot sequences leave it, is told once.
            if let earlier = seen[facts.key], result[earlier].facts == facts { continue }
            seen[facts.key] = result.count
            result.append(
                MountedFileSystem(
                    facts: facts, deviceNumber: mount.deviceNumber,
                    canBeAsked: topmost[mount.mountPoint] == index && FileSystemKind.answersAtOnce(mount.type),
                    answersFromMemory: FileSystemKind.answersFromMemory(mount.type) && !slow.contains { mount.mountPoint.hasPrefix($0) }))
        }
        for area in swapAreas() {
            let facts = Inventory.FileSystem(
                mountPoint: "[SWAP]", type: "swap", source: area.source, devices: resolver.devices(ofSwap: area.source, among: mounts),
                sizeBytes: area.sizeBytes, availableBytes: area.availableBytes)
            result.append(MountedFileSystem(facts: facts, deviceNumber: nil, canBeAsked: false, answersFromMemory: false))
        }
        return result
    }

    private func readMounts() -> [Mount] {
        // A captured tree may have process 1's table, or only the older one.
        for path in [MountSource.mountinfo, "proc/1/mountinfo"] {
            let table = reader.whole(file: path, "fileSystems", limit: MountSource.limit) { .value(MountTable.mountinfo($0)) }
            if let table { return checked(table.mounts, table.malformedLines, path) }
            if reader.tree.isLive { return [] }
        }
        for path in ["proc/mounts", "proc/self/mounts"] {
            let table = reader.whole(file: path, "fileSystems", limit: MountSource.limit) { .value(MountTable.mounts($0)) }
            if let table { return checked(table.mounts, table.malformedLines, path) }
        }
        return []
    }

    private func checked(_ mounts: [Mount], _ malformedLines: [Int], _ path: String) -> [Mount] {
        if !malformedLines.isEmpty {
            reader.note(path, "fileSystems", "malformed: lines \(malformedLines.map(String.init).joined(separator: ", "))")
        }
        for mount in mounts where mount.mountPoint.unicodeScalars.contains("\u{FFFD}") {
            reader.note(path, "mountPoint", "malformed: not UTF-8: \(mount.mountPoint)")
        }
        return mounts
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

enum MountSource {
    static let mountinfo = "proc/self/mountinfo"
    /// 100,000 mounts of 160 bytes.
    static let limit = 16 << 20
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
