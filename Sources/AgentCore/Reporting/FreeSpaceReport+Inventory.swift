import Identifiers
import Inventory
import Messages

extension FreeSpaceReport {
    /// The usage of an inventory's file systems, with what lies under each, down to the logical units. File systems without a size or without
    /// a block device (proc, NFS) are left out; of a device mounted several times, the first by mount point is told.
    package init(of inventory: Inventory, at now: Timestamp) {
        let devices = Dictionary(inventory.blockDevices.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        var usages: [FileSystemUsage] = []
        for fileSystem in inventory.fileSystems {
            guard let size = fileSystem.sizeBytes, let available = fileSystem.availableBytes, !fileSystem.devices.isEmpty,
                seen.insert(fileSystem.source).inserted
            else { continue }
            usages.append(
                FileSystemUsage(
                    mountPoint: fileSystem.mountPoint, type: fileSystem.type, source: fileSystem.source, sizeBytes: size,
                    availableBytes: available, freeBytes: fileSystem.usedBytes.map { max(0, size - $0) }, inodes: fileSystem.inodes,
                    inodesFree: fileSystem.availableInodes,
                    devices: fileSystem.devices, logicalUnits: Self.logicalUnits(under: fileSystem.devices, in: devices)))
        }
        self.init(measuredAt: now, fileSystems: usages)
    }

    /// What is compared with the report before.
    package var marks: [FreeSpaceMark] {
        fileSystems.map { FreeSpaceMark(mountPoint: $0.mountPoint, sizeBytes: $0.sizeBytes, availableBytes: $0.availableBytes) }
    }

    /// The devices without parents under `names`, each once, in the order in which they are met.
    private static func logicalUnits(under names: [String], in devices: [String: Inventory.BlockDevice]) -> [LogicalUnitUsage] {
        var pending = Array(names.reversed())
        var seen = Set(names)
        var units: [LogicalUnitUsage] = []
        while let name = pending.popLast() {
            guard let device = devices[name] else { continue }
            if device.parents.isEmpty {
                units.append(
                    LogicalUnitUsage(device: name, wwid: device.wwid, logicalUnit: device.logicalUnit, sizeBytes: device.sizeBytes))
            }
            for parent in device.parents.reversed() where seen.insert(parent).inserted { pending.append(parent) }
        }
        return units
    }
}
