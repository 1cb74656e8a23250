import Files
import HostFacts
import Identifiers
import Inventory

/// Sessions, disks, and what lies on them, as the kernel shows them now.
package struct HostState: Sendable {
    package let sessions: [LiveSession]
    package let devices: [Inventory.BlockDevice]
    package let fileSystems: [Inventory.FileSystem]
    package let fibreChannel: [FibreChannelPort]

    package init(_ inventory: Inventory) {
        devices = inventory.blockDevices
        fileSystems = inventory.fileSystems
        fibreChannel = FibreChannelPort.all(in: inventory)
        sessions = inventory.sessions.compactMap { Self.session($0, inventory.blockDevices) }.sorted { $0.number < $1.number }
    }

    /// Of the machine, or of the tree that `root` names.
    package static func read(_ tree: OpenISCSITree) throws(SetupError) -> HostState {
        do throws(FileError) {
            return HostState(try HostReader(sysroot: tree.isLive ? nil : tree.root).inventory(level: .storage))
        } catch {
            throw .file(error)
        }
    }

    /// Nil for one that says nothing of its target: it is being made, or goes.
    private static func session(_ session: Inventory.Session, _ devices: [Inventory.BlockDevice]) -> LiveSession? {
        guard let number = UInt32(session.name.drop { !$0.isNumber }), let target = session.target else { return nil }
        let portal = session.portals.first
        return LiveSession(
            number: number, host: session.host, target: target, address: portal?.address ?? "", port: UInt16(clamping: portal?.port ?? 0),
            portalGroupTag: session.targetPortalGroupTag, interface: session.interface ?? "default", state: session.state ?? "",
            authentication: session.authentication,
            units: devices.compactMap { device in
                guard device.kind == "disk", let unit = device.logicalUnit, unit.session == session.name else { return nil }
                return LiveSession.Unit(
                    name: device.name, lun: unit.lun, wwid: device.wwid, sizeBytes: device.sizeBytes, state: device.state)
            }.sorted { ($0.lun, $0.name) < ($1.lun, $1.name) })
    }

    package func sessions(of name: RecordName) -> [LiveSession] { sessions.filter { $0.isOf(name) } }
}

extension HostState {
    /// Who uses a device, directly or through what lies on it.
    package struct User: Hashable, Sendable, CustomStringConvertible {
        package enum Kind: String, Hashable, Sendable {
            case fileSystem = "file-system"
            case swap
            case logicalVolume = "logical-volume"
            case multipath
            /// Any other device that the kernel has made of it: crypt, raid, bcache.
            case device
        }

        package var kind: Kind
        /// The mount point, the map's or volume's name, the kernel's name.
        package var name: String
        /// The disk that is used.
        package var disk: String

        package var description: String {
            switch kind {
            case .fileSystem: "the file system mounted on \(name) uses \(disk)"
            case .swap: "the swap area \(name) uses \(disk)"
            case .logicalVolume: "the logical volume \(name) uses \(disk)"
            case .multipath: "the multipath map \(name) uses \(disk)"
            case .device: "the device \(name) uses \(disk)"
            }
        }
    }

    /// Who uses these disks, each user once for each disk, sorted: what is mounted first.
    package func users(of disks: [String]) -> [User] {
        var users: [User] = []
        for disk in disks {
            let above = everything(above: disk)
            for device in above where device.kind != "partition" {
                let kind: User.Kind = device.kind == "multipath" ? .multipath : device.kind == "lvm" ? .logicalVolume : .device
                let volume = device.logicalVolume.flatMap { volume in device.volumeGroup.map { "\($0)/\(volume)" } }
                users.append(User(kind: kind, name: volume ?? device.mapName ?? device.name, disk: disk))
            }
            let names = Set(above.map(\.name) + [disk])
            for system in fileSystems where system.devices.contains(where: names.contains) {
                let isSwap = system.type == "swap"
                users.append(User(kind: isSwap ? .swap : .fileSystem, name: isSwap ? system.source : system.mountPoint, disk: disk))
            }
        }
        let order: [User.Kind] = [.fileSystem, .swap, .logicalVolume, .device, .multipath]
        var seen: Set<User> = []
        return users.filter { seen.insert($0).inserted }.sorted {
            (order.firstIndex(of: $0.kind) ?? 0, $0.name, $0.disk) < (order.firstIndex(of: $1.kind) ?? 0, $1.name, $1.disk)
        }
    }

    /// What lies on a device, on what lies on it, and so on.
    package func everything(above name: String) -> [Inventory.BlockDevice] {
        var found: [Inventory.BlockDevice] = []
        var names: Set<String> = [name]
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for device in devices where !names.contains(device.name) && device.parents.contains(where: names.contains) {
                names.insert(device.name)
                found.append(device)
                isGrowing = true
            }
        }
        return found
    }

    /// The multipath map over a disk, if there is one.
    package func map(over disk: String) -> Inventory.BlockDevice? {
        devices.first { $0.kind == "multipath" && $0.parents.contains(disk) }
    }
}
