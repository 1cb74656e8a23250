import Files
import Glibc
import HostFacts
import ISCSI
import Identifiers
import Inventory

/// Sessions, disks, and what lies on them, as the kernel shows them now.
package struct HostState: Sendable {
    package let sessions: [LiveSession]
    package let devices: [Inventory.BlockDevice]
    package let fileSystems: [Inventory.FileSystem]
    package let fibreChannel: [FibreChannelPort]
    /// Who has devices open now; looked for where somebody asks who uses a disk.
    var openers: @Sendable (Set<DeviceNumber>) -> Set<OpenDevices.Opener> = { _ in [] }
    /// Whether somebody has the device of that name for himself; asked where nobody is seen that uses it.
    var isClaimed: @Sendable (String, DeviceNumber) -> Bool = { _, _ in false }

    /// `recorded` has the portals of sessions' records, by the sessions' names.
    package init(_ inventory: Inventory, recorded: [String: PortalAddress] = [:]) {
        devices = inventory.blockDevices
        fileSystems = inventory.fileSystems
        fibreChannel = FibreChannelPort.all(in: inventory)
        sessions = inventory.sessions.compactMap { session in
            var live = Self.session(session, inventory.blockDevices)
            live?.recorded = recorded[session.name]
            return live
        }.sorted { $0.number < $1.number }
    }

    /// Of the machine, or of the tree that `root` names.
    package static func read(_ tree: OpenISCSITree) throws(SetupError) -> HostState {
        do throws(FileError) {
            let inventory = try HostReader(sysroot: tree.isLive ? nil : tree.root).inventory(level: .storage)
            var recorded: [String: PortalAddress] = [:]
            for session in inventory.sessions { recorded[session.name] = try recordedPortal(of: session.name, tree) }
            var state = HostState(inventory, recorded: recorded)
            if tree.isLive {
                state.openers = { OpenDevices().openers(of: $0) }
                state.isClaimed = { OpenDevices.isClaimed("/dev/\($0)", $1) }
            }
            return state
        } catch {
            throw .file(error)
        }
    }

    /// The portal that iscsid was asked to go to: where a target sends a login on, the kernel keeps both (drivers/scsi/scsi_transport_iscsi.c). Nil for a
    /// session that has gone meanwhile.
    static func recordedPortal(of session: String, _ tree: OpenISCSITree) throws(FileError) -> PortalAddress? {
        let path = "\(tree.sysfs)/class/iscsi_connection/connection\(session.dropFirst("session".count)):0"
        func line(_ name: String) throws(FileError) -> Substring {
            String(decoding: try readFile("\(path)/\(name)", limit: 4096), as: UTF8.self).prefix { !$0.isNewline }
        }
        do throws(FileError) {
            let address = try line("persistent_address")
            return PortalAddress((address.contains(":") ? "[\(address)]" : address) + ":\(try line("persistent_port"))")
        } catch {
            if [ENOENT, ENODEV, ENXIO, ENOTCONN].contains(error.errno) { return nil }
            throw error
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
            /// A process that has it open, or what lies on it.
            case process
            /// Nobody is seen, and yet it cannot be had.
            case claim
        }

        package var kind: Kind
        /// The mount point, the map's or volume's name, the kernel's name.
        package var name: String
        /// The disk that is used.
        package var disk: String
        /// What of it is open: the disk, or a partition, map or volume on it.
        var device: String?

        private var place: String {
            guard let device, device != disk else { return disk }
            return "\(device), which lies on \(disk),"
        }

        package var description: String {
            switch kind {
            case .fileSystem: "the file system mounted on \(name) uses \(disk)"
            case .swap: "the swap area \(name) uses \(disk)"
            case .logicalVolume: "the logical volume \(name) uses \(disk)"
            case .multipath: "the multipath map \(name) uses \(disk)"
            case .device: "the device \(name) uses \(disk)"
            case .claim:
                "something has \(place) for itself (a mount of another namespace, a pool, a target of this host)"
            case .process: "the process \(name) has \(place) open"
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
        users += processes(using: disks)
        for disk in disks where !users.contains(where: { $0.disk == disk && $0.kind != .multipath }) { users += claims(on: disk) }
        let order: [User.Kind] = [.fileSystem, .swap, .process, .claim, .logicalVolume, .device, .multipath]
        var seen: Set<User> = []
        return users.filter { seen.insert($0).inserted }.sorted {
            (order.firstIndex(of: $0.kind) ?? 0, $0.name, $0.disk) < (order.firstIndex(of: $1.kind) ?? 0, $1.name, $1.disk)
        }
    }

    /// Those that have a disk open, one of its partitions, or a map or volume that lies on it.
    private func processes(using disks: [String]) -> [User] {
        var below: [DeviceNumber: [(device: String, disk: String)]] = [:]
        for disk in disks {
            let own = devices.filter { $0.name == disk }
            for device in own + everything(above: disk) {
                if let number = device.deviceNumber { below[number, default: []].append((device.mapName ?? device.name, disk)) }
            }
        }
        guard !below.isEmpty else { return [] }
        return openers(Set(below.keys)).flatMap { opener in
            (below[opener.device] ?? []).map { place in
                User(kind: .process, name: "\(opener.process) (\(opener.name.printableName))", disk: place.disk, device: place.device)
            }
        }
    }

    /// What somebody has for himself of what lies on top of a disk whose session works, where nobody is seen that does.
    private func claims(on disk: String) -> [User] {
        let own = devices.filter { $0.name == disk }
        let isWorking = sessions.contains { session in
            session.isLoggedIn && session.units.contains { $0.name == disk && $0.state == "running" }
        }
        guard isWorking else { return [] }
        let all = own + everything(above: disk)
        return all.compactMap { device in
            guard let number = device.deviceNumber, !all.contains(where: { $0.parents.contains(device.name) }),
                isClaimed(device.name, number)
            else { return nil }
            return User(kind: .claim, name: device.name, disk: disk, device: device.mapName ?? device.name)
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

extension String {
    /// A process may call itself anything.
    fileprivate var printableName: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || $0.value > 0x7E ? "?" : $0 }))
    }
}
