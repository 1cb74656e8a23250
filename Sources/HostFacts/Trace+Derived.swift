import Inventory
import StrictJSON

extension Trace {
    /// Adds a step for each value of the inventory that is no attribute's text, and so has none yet: where the entry stands in sysfs, in a table of
    /// mounts, or in what a field around it was read from.
    func addDerived(from inventory: Inventory) {
        addDerived(inventory.host, subject: "host") { _ in "proc/sys/kernel" }
        for initiator in inventory.initiators {
            let subject = initiator.name ?? initiator.transport.rawValue
            addDerived(initiator, subject: subject) { _ in Self.path(of: initiator) }
        }
        for port in inventory.remotePorts {
            addDerived(port, subject: port.name) { _ in "sys/class/fc_remote_ports/\(port.name)" }
        }
        for session in inventory.sessions {
            addDerived(session, subject: session.name) { field in
                field == "portals" ? "sys/class/iscsi_connection" : "sys/class/iscsi_session/\(session.name)"
            }
        }
        for controller in inventory.controllers {
            addDerived(controller, subject: controller.name) { _ in "sys/class/nvme/\(controller.name)" }
        }
        for device in inventory.blockDevices {
            addDerived(device, subject: device.name) { Self.path(of: device, $0) }
        }
        for fileSystem in inventory.fileSystems {
            let table = path(of: "devices", subject: fileSystem.mountPoint) ?? String(MountTables.own)
            let usage = path(of: "sizeBytes", subject: fileSystem.mountPoint) ?? table
            addDerived(fileSystem, subject: fileSystem.mountPoint) { field in
                switch field {
                case "availableBytes", "inodes", "availableInodes", "sizeBytes": usage
                case "uuid": fileSystem.type == "btrfs" ? "sys/fs/btrfs" : "run/udev/data"
                case "process": String(table.split(separator: "/").dropLast().joined(separator: "/")) + "/comm"
                default: table
                }
            }
        }
        for application in inventory.applications {
            let evidence = path(of: "process", subject: application.name) ?? path(of: "package", subject: application.name)
            addDerived(application, subject: application.name) { _ in evidence ?? "proc" }
        }
    }

    /// `path` gives the place for a field of the entry itself; fields within it are read where it was.
    private func addDerived(_ entry: some JSONWritable, subject: String, path: (_ field: String) -> String) {
        guard case .object(let object) = JSONValue.parsing(entry) else { return }
        for (field, value) in object.members {
            let known = self.path(of: field, subject: subject)
            let place = known ?? path(field)
            if known == nil { add(field, place, value, subject) }
            addParts(of: value, place, subject)
        }
    }

    private func addParts(of value: JSONValue, _ place: String, _ subject: String) {
        switch value {
        case .object(let object):
            for (field, part) in object.members {
                let known = path(of: field, subject: subject)
                if known == nil { add(field, place, part, subject) }
                addParts(of: part, known ?? place, subject)
            }
        case .array(let parts): for part in parts { addParts(of: part, place, subject) }
        default: break
        }
    }

    private func add(_ field: String, _ place: String, _ value: JSONValue, _ subject: String) {
        steps[subject, default: []].append(Step(field: field, path: "/" + place, outcome: "gives \(Self.text(value))"))
    }

    /// Where a field's value was found, without the slash.
    private func path(of field: String, subject: String) -> String? {
        guard let step = steps[subject]?.last(where: { $0.field == field && $0.outcome != "absent" }) else { return nil }
        return String(step.path.dropFirst())
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .array(let values): values.isEmpty ? "none" : values.map(text).joined(separator: " ")
        case .object(let object): object.members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
        case .number, .null: "a value"
        }
    }

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

    private static func path(of device: Inventory.BlockDevice, _ field: String) -> String {
        // The link's target names the hardware on the way: adapter, remote port, session, SCSI address, logical unit.
        let link = device.deviceNumber.map { "sys/dev/block/\($0)" } ?? "sys/class/block/\(device.name)"
        switch field {
        case "array": return "sys/class/block/\(device.name)/md"
        case "kind", "volumeGroup", "logicalVolume", "volumeLayer", "encryption":
            return device.name.hasPrefix("dm-") ? "sys/class/block/\(device.name)/dm/uuid" : link
        case "pathGroups", "targetState": return MapStatusReader.controlPath
        case "parents": return "\(link)/slaves"
        default: return link
        }
    }
}

extension JSONValue {
    /// What a value writes, as it is read back.
    fileprivate static func parsing(_ value: some JSONWritable) -> JSONValue? {
        // What this program wrote itself is JSON.
        try? JSONValue.parse(value.jsonBytes)
    }
}
