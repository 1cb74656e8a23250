import Foundation
import Inventory
import TestPrograms

/// What lsblk says of a root, by kernel name.
struct LsblkView: Equatable {
    struct Device: Equatable {
        var number: String
        var sizeBytes: Int64
        var type: String
        var parents: Set<String> = []
        var mountPoints: Set<String> = []
        var scsiAddress: String?
    }

    var devices: [String: Device] = [:]

    static let program = ["/usr/bin/lsblk", "/bin/lsblk"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs `lsblk -J -b`, with `--sysroot` for a captured or made tree.
    init(sysroot: String?) throws {
        let arguments =
            ["-J", "-b", "-o", "KNAME,MAJ:MIN,SIZE,TYPE,PKNAME,MOUNTPOINTS,HCTL"] + (sysroot.map { ["--sysroot", $0] } ?? [])
        let run = try ChildProcess.run(Self.program ?? "/usr/bin/lsblk", arguments, withErrors: false)
        try self.init(json: Data(run.output))
    }

    /// What `lsblk -J -b` printed with at least the columns above.
    init(json: Data) throws {
        let object = try JSONSerialization.jsonObject(with: json) as? [String: Any]
        add(object?["blockdevices"] as? [[String: Any]] ?? [])
    }

    private mutating func add(_ nodes: [[String: Any]]) {
        for node in nodes {
            guard let name = node["kname"] as? String, let number = node["maj:min"] as? String, let type = node["type"] as? String else {
                continue
            }
            var device = devices[name] ?? Device(number: number, sizeBytes: (node["size"] as? NSNumber)?.int64Value ?? 0, type: type)
            if let parent = node["pkname"] as? String { device.parents.insert(parent) }
            device.mountPoints.formUnion((node["mountpoints"] as? [Any] ?? []).compactMap { $0 as? String })
            device.scsiAddress = node["hctl"] as? String
            devices[name] = device
            add(node["children"] as? [[String: Any]] ?? [])
        }
    }

    /// The same of an inventory, in lsblk's words.
    init(_ inventory: Inventory) {
        for device in inventory.blockDevices {
            devices[device.name] = Device(
                number: device.deviceNumber?.description ?? "", sizeBytes: device.sizeBytes ?? 0, type: Self.type(of: device),
                parents: Set(device.parents), scsiAddress: device.scsiAddress?.description)
        }
        // lsblk knows a mount by its device's number alone, in its own namespace: not what an overlay or a pool lies on.
        for fileSystem in inventory.fileSystems
        where fileSystem.process == nil && !["overlay", "zfs", "bcachefs"].contains(fileSystem.type) {
            // lsblk shows a file system of several members under the one that was named in the mount.
            let members =
                fileSystem.type == "btrfs" ? fileSystem.devices.filter { fileSystem.source == "/dev/\($0)" } : fileSystem.devices
            let isFile = fileSystem.type == "swap" && !fileSystem.source.hasPrefix("/dev/")
            for name in members where !isFile { devices[name]?.mountPoints.insert(fileSystem.mountPoint) }
        }
    }

    static func type(of device: Inventory.BlockDevice) -> String {
        switch device.kind {
        case "partition": "part"
        case "multipath": "mpath"
        case "raid": device.raidLevel ?? "raid"
        default: device.kind
        }
    }
}
