import Identifiers
import Inventory
import StrictJSON

extension Trace {
    /// Where the field of a part of an entry was read: of one path of a map, of one portal of a session.
    private enum Place {
        case at(String)
        /// Where the list or the object that it is part of was.
        case asTheWhole
        /// It has a step already.
        case known
    }

    private typealias PartPlace = (_ list: String, _ part: JSONObject, _ field: String) -> Place

    /// Adds a step for each value of the inventory that is no attribute's text, and so has none yet: where the entry stands in sysfs, in a table of
    /// mounts, or where what it was made of was read.
    func addDerived(from inventory: Inventory) {
        let disks = Dictionary(grouping: inventory.blockDevices.filter { $0.wwid != nil }) { $0.wwid?.description ?? "" }
        addDerived(inventory.host, subject: "host") { _ in "proc/sys/kernel" }
        for initiator in inventory.initiators {
            let subject = initiator.name ?? initiator.transport.rawValue
            addDerived(initiator, subject: subject) { _ in
                Self.path(of: initiator)
            } part: { _, part, _ in
                .at(self.record(of: part, subject: subject) ?? ISCSIInterfaceReader.path)
            }
        }
        for port in inventory.remotePorts {
            addDerived(port, subject: port.name) { field in
                let directory = "sys/class/fc_remote_ports/\(port.name)"
                return field == "initiator" ? port.host.flatMap { self.path(of: "wwpn", subject: $0) } ?? directory : directory
            }
        }
        for session in inventory.sessions {
            addDerived(session, subject: session.name) { _ in
                "sys/class/iscsi_session/\(session.name)"
            } part: { _, _, _ in
                .known
            }
        }
        for controller in inventory.controllers {
            addDerived(controller, subject: controller.name) { field in
                let directory = "sys/class/nvme/\(controller.name)"
                return field == "ioPolicy" ? controller.subsystem.map { "sys/class/nvme-subsystem/\($0)/iopolicy" } ?? directory : directory
            }
        }
        for device in inventory.blockDevices {
            addDerived(device, subject: device.name) {
                self.path(of: device, $0)
            } part: {
                self.place(of: $0, $1, $2, device)
            }
        }
        for fileSystem in inventory.fileSystems { addDerived(fileSystem, disks) }
        for application in inventory.applications {
            let field = application.evidence.hasPrefix("package ") ? "package" : "process"
            let evidence = path(of: field, subject: application.name)
            addDerived(application, subject: application.name) { _ in
                evidence ?? "proc"
            } part: { _, directory, field in
                self.place(of: directory, field, application.name, disks)
            }
        }
    }

    private func addDerived(_ fileSystem: Inventory.FileSystem, _ disks: [String: [Inventory.BlockDevice]]) {
        let table = path(of: "devices", subject: fileSystem.mountPoint) ?? String(MountTables.own)
        let usage = path(of: "sizeBytes", subject: fileSystem.mountPoint) ?? table
        addDerived(fileSystem, subject: fileSystem.mountPoint) { field in
            switch field {
            case "usedBytes", "availableBytes", "inodes", "availableInodes", "sizeBytes": usage
            case "uuid":
                fileSystem.type == "btrfs"
                    ? "sys/fs/btrfs" : fileSystem.devices.first.flatMap { self.path(of: "contentUUID", subject: $0) } ?? "run/udev/data"
            case "wwids": fileSystem.wwids.first.map { self.path(of: $0.description, disks) } ?? table
            case "process": String(table.split(separator: "/").dropLast().joined(separator: "/")) + "/comm"
            default: table
            }
        }
        // Those of several disks were read in several places.
        for wwid in fileSystem.wwids.dropFirst() {
            add("wwids", path(of: wwid.description, disks), .string(wwid.description), fileSystem.mountPoint)
        }
    }

    /// `path` gives the place for a field of the entry itself, `part` that for one of its parts.
    private func addDerived(
        _ entry: some JSONWritable, subject: String, path: (_ field: String) -> String, part: PartPlace = { _, _, _ in .asTheWhole }
    ) {
        guard case .object(let object) = JSONValue.written(by: entry) else { return }
        for (field, value) in object.members {
            let known = self.path(of: field, subject: subject)
            let place = known ?? path(field)
            if known == nil { add(field, place, value, subject) }
            addParts(of: value, field, place, subject, part)
        }
    }

    /// Each part has rows of its own, also where another has the same.
    private func addParts(of value: JSONValue, _ list: String, _ place: String, _ subject: String, _ part: PartPlace) {
        switch value {
        case .object(let object):
            let name = ["device", "name", "address", "path"].first { object[$0] != nil }
            let whose = name.flatMap { object[$0] }.map { " of \(Self.text($0))" } ?? ""
            for (field, value) in object.members {
                var within = place
                switch part(list, object, field) {
                case .known: continue
                case .asTheWhole: break
                case .at(let path): within = path
                }
                add(field, within, value, subject, whose: field == name ? "" : whose)
                addParts(of: value, field, within, subject, part)
            }
        case .array(let parts): for value in parts { addParts(of: value, list, place, subject, part) }
        default: break
        }
    }

    private func add(_ field: String, _ place: String, _ value: JSONValue, _ subject: String, whose: String = "") {
        let path = place.hasSuffix(")") && !place.contains("/") ? place : "/" + place
        steps[subject, default: []].append(Step(field: field, path: path, outcome: "gives \(Self.text(value))\(whose)"))
    }

    /// Where a field's value was found, without the slash.
    private func path(of field: String, subject: String) -> String? {
        guard let step = steps[subject]?.last(where: { $0.field == field && $0.outcome != "absent" }) else { return nil }
        return Self.relative(step)
    }

    private static func relative(_ step: Step) -> String { step.path.hasPrefix("/") ? String(step.path.dropFirst()) : step.path }

    // MARK: Places

    private static func path(of initiator: Inventory.Initiator) -> String {
        switch (initiator.transport, initiator.name) {
        case (.fc, let name?): "sys/class/fc_host/\(name)"
        case (.iscsi, let name?) where name != "iscsi": "sys/class/iscsi_host/\(name)"
        case (.iscsi, _): InitiatorNameFile.path
        case (.nvme, _): "etc/nvme/hostnqn"
        case (.sas, let name?): "sys/class/sas_host/\(name)"
        case (.fc, nil): "sys/class/fc_host"
        case (.sas, nil): "sys/class/sas_host"
        }
    }

    /// The file of an interface's record, which may have another name.
    private func record(of interface: JSONObject, subject: String) -> String? {
        let words = Self.text(.object(interface))
        return steps[subject]?.last { $0.field == "interfaces" && $0.outcome == words }.map(Self.relative)
    }

    private func path(of device: Inventory.BlockDevice, _ field: String) -> String {
        // The link's target names the hardware on the way: adapter, remote port, session, SCSI address, logical unit.
        let link = device.deviceNumber.map { "sys/dev/block/\($0)" } ?? "sys/class/block/\(device.name)"
        switch field {
        case "array": return "sys/class/block/\(device.name)/md"
        case "kind", "volumeLayer", "encryption": return device.name.hasPrefix("dm-") ? "\(link)/dm/uuid" : link
        case "volumeGroup", "logicalVolume": return "\(link)/dm/name"
        case "targetState": return path(of: "targetType", subject: device.name) ?? MapStatusReader.controlPath
        default: return link
        }
    }

    private func place(of list: String, _ part: JSONObject, _ field: String, _ device: Inventory.BlockDevice) -> Place {
        let name = part["device"].map(Self.text) ?? ""
        switch list {
        case "logicalUnit":
            if field == "lun", device.transport == "nvme" { return .asTheWhole }
            if path(of: field, subject: device.name) != nil { return .known }
            if field == "targetPort", let place = path(of: "subsystemNQN", subject: device.name) { return .at(place) }
            return .at(path(of: device, "name"))
        case "array":
            switch field {
            case "raidDisks": return .at("sys/class/block/\(device.name)/md/raid_disks")
            case "syncAction": return .at("sys/class/block/\(device.name)/md/sync_action")
            case "degraded": return .at("sys/class/block/\(device.name)/md/degraded")
            default: return .at("sys/class/block/\(device.name)/md")
            }
        case "members":
            let directory = "sys/class/block/\(device.name)/md/dev-\(name)"
            return .at(field == "device" ? directory : "\(directory)/\(field)")
        case "paths":
            if let controller = part["controller"].map(Self.text) {
                switch field {
                case "accessState": return .at("sys/class/nvme/\(controller)/\(name)/ana_state")
                case "state": return .at("sys/class/nvme/\(controller)/state")
                default: return .at("sys/class/nvme/\(controller)/\(name)")
                }
            }
            switch field {
            case "accessState": return path(of: "accessState", subject: name).map(Place.at) ?? .asTheWhole
            case "preferred": return path(of: "preferredPath", subject: name).map(Place.at) ?? .asTheWhole
            default: return .asTheWhole
            }
        default: return .asTheWhole
        }
    }

    /// Of a directory with data: what names it has steps of its own, what it lies on is the table's of mounts.
    private func place(of directory: JSONObject, _ field: String, _ application: String, _ disks: [String: [Inventory.BlockDevice]])
        -> Place
    {
        switch field {
        case "path", "evidence": return .known
        case "wwids": return .at(directory["wwids"]?.arrayValue?.first.map { path(of: Self.text($0), disks) } ?? "sys/dev/block")
        default:
            let path = directory["path"].map(Self.text) ?? ""
            let elsewhere = steps[application]?.last { $0.field == "directories" && $0.outcome.hasPrefix("\(path) in namespace ") }
            if let elsewhere { return .at(Self.relative(elsewhere)) }
            return .at(directory["mountPoint"].flatMap { self.path(of: "devices", subject: Self.text($0)) } ?? MountTables.own)
        }
    }

    /// Where the name of a disk was read.
    private func path(of wwid: String, _ disks: [String: [Inventory.BlockDevice]]) -> String {
        disks[wwid]?.lazy.compactMap { self.path(of: "wwid", subject: $0.name) }.first ?? "sys/dev/block"
    }
}
