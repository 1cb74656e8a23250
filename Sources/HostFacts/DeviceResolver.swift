import Glibc
import Inventory

/// Finds the block devices under a mount, by number, by name, by map, by link.
struct DeviceResolver {
    private let reader: FactReader
    private let byNumber: [DeviceNumber: String]
    private let byMapName: [String: String]
    private let names: Set<String>
    /// The members of each btrfs file system that is mounted.
    private let btrfs: [[String]]
    private var links: [String: DeviceNumber]?

    init(reader: FactReader, blockDevices: [Inventory.BlockDevice]) {
        self.reader = reader
        byNumber = Dictionary(blockDevices.compactMap { device in device.deviceNumber.map { ($0, device.name) } }) { first, _ in first }
        byMapName = Dictionary(blockDevices.compactMap { device in device.mapName.map { ($0, device.name) } }) { first, _ in first }
        names = Set(blockDevices.map(\.name))
        // sys/fs/btrfs/UUID/devices/sda2; beside the UUIDs stands `features`.
        btrfs = reader.names("sys/fs/btrfs", "devices").filter { $0.utf8.contains(UInt8(ascii: "-")) }
            .map { reader.names("sys/fs/btrfs/\($0)/devices", "devices") }
    }

    /// All members of the mount's file system, sorted; empty where there is no block device.
    mutating func devices(of mount: Mount) -> [String] {
        if let number = mount.deviceNumber, number.major != 0, let name = byNumber[number] { return [name] }
        guard mount.source.hasPrefix("/dev/") else { return [] }
        // bcachefs names all its members in the source.
        let sources = mount.type == "bcachefs" ? mount.source.split(separator: ":").map(String.init) : [mount.source]
        var found = Set<String>()
        for source in sources {
            if let name = device(at: source) { found.insert(name) }
        }
        if mount.type == "btrfs" {
            for members in btrfs where !found.isDisjoint(with: members) { found.formUnion(members) }
        }
        return found.sorted()
    }

    /// A swap area's device, or the devices of the file system that a swap file is on.
    mutating func devices(ofSwap source: String, among mounts: [Mount]) -> [String] {
        if source.hasPrefix("/dev/") { return device(at: source).map { [$0] } ?? [] }
        var best: Mount?
        for mount in mounts where Self.contains(mount.mountPoint, source) && mount.mountPoint.utf8.count >= best?.mountPoint.utf8.count ?? 0
        {
            best = mount
        }
        guard let best else { return [] }
        return devices(of: best)
    }

    private static func contains(_ directory: String, _ path: String) -> Bool {
        directory == "/" || path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }

    /// The kernel's name of what a path below /dev leads to.
    private mutating func device(at path: String) -> String? {
        let relative = String(path.dropFirst("/dev/".count))
        // The kernel writes `!` in the names of devices in directories: `cciss!c0d0`.
        let name = String(relative.map { $0 == "/" ? "!" : $0 })
        if names.contains(name) { return name }
        if relative.hasPrefix("mapper/"), let name = byMapName[String(relative.dropFirst("mapper/".count))] { return name }
        if reader.tree.isLive {
            // The node of a device says its number; nothing is opened.
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFBLK else { return nil }
            return byNumber[Self.number(status.st_rdev)]
        }
        let links = self.links ?? UdevDatabase(reader: reader).links()
        self.links = links
        return links[relative].flatMap { byNumber[$0] }
    }

    /// glibc's `gnu_dev_major` and `gnu_dev_minor`, which are macros that Swift does not see.
    private static func number(_ device: dev_t) -> DeviceNumber {
        let device = UInt64(device)
        return DeviceNumber(
            major: UInt32(truncatingIfNeeded: (device >> 8 & 0xFFF) | (device >> 32 & 0xFFFF_F000)),
            minor: UInt32(truncatingIfNeeded: (device & 0xFF) | (device >> 12 & 0xFFFF_FF00)))
    }
}
