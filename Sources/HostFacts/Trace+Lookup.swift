import Identifiers
import Inventory

extension Trace {
    /// A step, with the thing that it is about.
    package struct Found: Equatable, Sendable {
        package let subject: String
        package let step: Step
    }

    /// What is known of how a name's values were read: of a thing by any of its names (a device's, a map's, a path below /dev, a WWID, an
    /// initiator's, a target's, a mount point), of a part of a thing (a path that has no entry of its own, as NVMe's), of a field, wherever it was read,
    /// or of all of a list. Empty for a name that is none of these.
    package func steps(about name: String, in inventory: Inventory) -> [Found] {
        let subjects = Self.subjects(named: name, in: inventory)
        let known = subjects.filter { steps[$0] != nil }
        if !known.isEmpty { return known.flatMap { subject in (steps[subject] ?? []).map { Found(subject: subject, step: $0) } } }
        let part = steps { $0.outcome.hasSuffix(" of \(name)") || $0.field == "device" && $0.outcome == "gives \(name)" }
        if !part.isEmpty { return part }
        let field = steps { $0.field == name }
        if !field.isEmpty { return field }
        if name == "problems" {
            return inventory.problems.map { Found(subject: name, step: Step(field: $0.field, path: $0.path, outcome: $0.reason)) }
        }
        let listed = Set(Self.subjects(ofList: name, in: inventory))
        return steps.keys.sorted().filter(listed.contains).flatMap { subject in
            (steps[subject] ?? []).map { Found(subject: subject, step: $0) }
        }
    }

    private func steps(where isWanted: (Step) -> Bool) -> [Found] {
        steps.keys.sorted().flatMap { subject in (steps[subject] ?? []).filter(isWanted).map { Found(subject: subject, step: $0) } }
    }

    /// File systems and applications have steps of that field.
    private static func subjects(ofList name: String, in inventory: Inventory) -> [String] {
        switch name {
        case "initiators": inventory.initiators.map { $0.name ?? $0.transport.rawValue }
        case "remotePorts": inventory.remotePorts.map(\.name)
        case "sessions": inventory.sessions.map(\.name)
        case "controllers": inventory.controllers.map(\.name)
        case "blockDevices": inventory.blockDevices.map(\.name)
        default: []
        }
    }

    /// The subjects under which a thing of that name is read, each once.
    private static func subjects(named name: String, in inventory: Inventory) -> [String] {
        var found = [name]
        let wwid = WWID(name)
        let initiator = InitiatorName(name)
        for device in inventory.blockDevices {
            let names = [device.mapName, device.mapName.map { "/dev/mapper/\($0)" }, "/dev/\(device.name)", volumePath(device)]
            if names.contains(name) || device.wwid != nil && device.wwid == wwid { found.append(device.name) }
        }
        for port in inventory.initiators
        where initiator != nil && (port.initiatorName == initiator || port.wwnn.map(InitiatorName.wwpn) == initiator) {
            found.append(port.name ?? port.transport.rawValue)
        }
        for port in inventory.remotePorts where port.wwpn != nil && port.wwpn.map(InitiatorName.wwpn) == initiator {
            found.append(port.name)
        }
        for session in inventory.sessions where session.target != nil && session.target.map(InitiatorName.iqn) == initiator {
            found.append(session.name)
        }
        for controller in inventory.controllers
        where controller.subsystemNQN != nil && controller.subsystemNQN.map(InitiatorName.nqn) == initiator {
            found.append(controller.name)
        }
        for fileSystem in inventory.fileSystems where fileSystem.source == name { found.append(fileSystem.mountPoint) }
        var unique: [String] = []
        for subject in found where !unique.contains(subject) { unique.append(subject) }
        return unique
    }

    private static func volumePath(_ device: Inventory.BlockDevice) -> String? {
        guard let group = device.volumeGroup, let volume = device.logicalVolume, device.volumeLayer == nil else { return nil }
        return "/dev/\(group)/\(volume)"
    }
}
