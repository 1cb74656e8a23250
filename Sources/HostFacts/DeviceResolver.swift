import Glibc
import Inventory

/// Finds the block devices under a mount, by number, by name, by map, by link.
struct DeviceResolver {
    private let reader: FactReader
    private let devices: [Inventory.BlockDevice]
    private let byNumber: NumberIndex
    // Most hosts' mounts are found by number alone.
    private lazy var byMapName: NameIndex = NameIndex(self.devices.map { $0.mapName })
    private lazy var byName: NameIndex = NameIndex(self.devices.map { $0.name })
    /// The members of each btrfs file system that is mounted, by its fsid.
    private let btrfs: [(uuid: String, members: [String])]
    /// Those of each bcachefs file system, once somebody asked.
    private var bcachefs: [(uuid: String, members: [String])]?
    private lazy var zfsMembers: [String: [String]] = self.devices.members(ofPoolsOn: "zfs_member")
    /// The devices behind links below /dev, once somebody asked.
    private var links: (index: NameIndex, numbers: [DeviceNumber])?

    init(reader: FactReader, blockDevices: [Inventory.BlockDevice]) {
        self.reader = reader
        devices = blockDevices
        byNumber = NumberIndex(blockDevices.map { $0.deviceNumber })
        // sys/fs/btrfs/UUID/devices/sda2; beside the UUIDs stands `features`.
        btrfs = reader.names("sys/fs/btrfs", "devices").filter { $0.utf8.contains(UInt8(ascii: "-")) }
            .map { ($0, reader.names("sys/fs/btrfs/\($0)/devices", "devices")) }
    }

    /// All members of the mount's file system, sorted; empty where there is no block device.
    mutating func devices(of mount: Mount) -> [String] {
        if let number = mount.deviceNumber, number.major != 0, let name = name(of: number) { return [name] }
        if mount.type == "zfs" { return zfsMembers[String(mount.source.prefix { $0 != "/" })] ?? [] }
        // A source is what the one who mounted wrote there: for the rest, it is the number that counts.
        guard mount.deviceNumber == nil || mount.type == "btrfs" || mount.type == "bcachefs", mount.source.hasPrefix("/dev/") else {
            return []
        }
        // bcachefs names all its members in the source.
        let sources = mount.type == "bcachefs" ? mount.source.split(separator: ":").map(String.init) : [mount.source]
        var found = sources.compactMap { device(at: $0) }
        if mount.type == "btrfs" {
            for (_, members) in btrfs where found.contains(where: members.contains) { found = members }
        }
        if mount.type == "bcachefs" {
            for (_, members) in bcachefsMembers() where found.contains(where: members.contains) { found = members }
        }
        return found.sorted()
    }

    /// The file system's own UUID: btrfs's fsid, or what udev read of its only device.
    mutating func uuid(of type: String, on devices: [String]) -> String? {
        if type == "btrfs", let found = btrfs.first(where: { devices.contains(where: $0.members.contains) }) { return found.uuid }
        guard let name = devices.first, let position = byName[name], self.devices[position].content == type else { return nil }
        return self.devices[position].contentUUID
    }

    /// `sys/fs/bcachefs/UUID/dev-0/block` is a link to the device.
    private mutating func bcachefsMembers() -> [(uuid: String, members: [String])] {
        if let bcachefs { return bcachefs }
        let found = reader.names("sys/fs/bcachefs", "devices").map { uuid in
            let members = reader.names("sys/fs/bcachefs/\(uuid)", "devices").filter { $0.hasPrefix("dev-") }
                .compactMap { reader.tree.linkTarget("sys/fs/bcachefs/\(uuid)/\($0)/block") }
                .map { String($0.split(separator: "/").last ?? "") }
            return (uuid: uuid, members: members)
        }
        bcachefs = found
        return found
    }

    private func name(of number: DeviceNumber) -> String? { byNumber[number].map { devices[$0].name } }

    /// A swap area's device, or the devices of the file system that a swap file is on.
    mutating func devices(ofSwap source: String, among mounts: MountLookup) -> [String] {
        if source.hasPrefix("/dev/") { return device(at: source).map { [$0] } ?? [] }
        return devices(ofFile: source, among: mounts)
    }

    /// The devices of the file system that a file or directory is on. Of an overlay's own files, those of what it lies on.
    mutating func devices(ofFile source: String, among mounts: MountLookup, depth: Int = 0) -> [String] {
        guard let mount = mounts.mount(of: source)?.mount else { return [] }
        if mount.type == "overlay", let upper = mount.upperDirectory, depth < 4 {
            return devices(ofFile: upper, among: mounts, depth: depth + 1)
        }
        return devices(of: mount)
    }

    /// The kernel's name of what a path below /dev leads to.
    private mutating func device(at path: String) -> String? {
        let relative = String(path.dropFirst("/dev/".count))
        // The kernel writes `!` in the names of devices in directories: `cciss!c0d0`.
        let name = String(relative.map { $0 == "/" ? "!" : $0 })
        if byName[name] != nil { return name }
        if relative.hasPrefix("mapper/"), let index = byMapName[String(relative.dropFirst("mapper/".count))] {
            return devices[index].name
        }
        if reader.tree.isLive {
            // The node of a device says its number.
            return reader.tree.blockDevice(below: relative).flatMap { self.name(of: DeviceNumber(encoded: $0)) }
        }
        let links = self.links ?? UdevDatabase(reader: reader).links()
        self.links = links
        return links.index[relative].flatMap { self.name(of: links.numbers[$0]) }
    }
}

extension DeviceNumber {
    /// From the 64 bits of `dev_t`, the kernel's `new_encode_dev` within them: glibc's `gnu_dev_major` and `gnu_dev_minor`, which are macros that Swift does not see.
    init(encoded device: UInt64) {
        self.init(
            major: UInt32(truncatingIfNeeded: (device >> 8 & 0xFFF) | (device >> 32 & 0xFFFF_F000)),
            minor: UInt32(truncatingIfNeeded: (device & 0xFF) | (device >> 12 & 0xFFFF_FF00)))
    }
}
