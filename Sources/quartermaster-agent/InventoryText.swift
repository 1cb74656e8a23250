import HostFacts
import Identifiers
import Inventory

/// An inventory in tables, for people.
enum InventoryText {
    static func table(_ inventory: Inventory) -> String {
        let host = inventory.host
        var text = "Host         \((host.hostName ?? "-").printable)\n"
        text += "Machine ID   \(host.machineID ?? "-")\n"
        text +=
            "System       \(joined(host.operatingSystem?.name, host.operatingSystem?.version))\n"
        text += "Kernel       \(joined(host.kernel, host.architecture))\n"
        text += "Booted       \(host.bootTime?.description ?? "-")\n"
        text += section("Initiators", ["TRANSPORT", "NAME", "ADDRESS", "STATE", "SPEED", "DRIVER"], inventory.initiators.map(row))
        text += section(
            "Remote ports", ["NAME", "WWPN", "ROLES", "STATE", "THROUGH"],
            inventory.remotePorts.map {
                [$0.name, $0.wwpn?.description ?? "-", $0.roles ?? "-", $0.portState ?? "-", $0.initiator?.description ?? $0.host ?? "-"]
            })
        text += section(
            "Sessions", ["NAME", "TARGET", "PORTAL", "GROUP", "STATE", "AUTHENTICATION", "INTERFACE"], inventory.sessions.map(row))
        text += section(
            "Controllers", ["NAME", "TRANSPORT", "ADDRESS", "STATE", "SUBSYSTEM"],
            inventory.controllers.map {
                [$0.name, $0.transport ?? "-", $0.address ?? "-", $0.state ?? "-", $0.subsystemNQN?.description ?? $0.model ?? "-"]
            })
        text += section(
            "Block devices", ["NAME", "NUMBER", "KIND", "SIZE", "ON", "TRANSPORT", "WWID", "MODEL"], inventory.blockDevices.map(row))
        text += section("Paths", ["OF", "GROUP", "PATH", "STATE", "ACCESS"], inventory.blockDevices.flatMap(paths))
        text += section(
            "Arrays", ["NAME", "LEVEL", "STATE", "MEMBERS", "DEGRADED", "ON"], inventory.blockDevices.compactMap(array))
        text += section("File systems", ["MOUNT POINT", "TYPE", "SIZE", "FREE", "DEVICES"], inventory.fileSystems.map(row))
        text += section(
            "Applications", ["NAME", "VERSION", "EVIDENCE", "DATA", "ON"],
            inventory.applications.map { application in
                [
                    application.name, application.version ?? "-", application.evidence, list(application.directories.map(\.path)),
                    list(application.directories.flatMap(\.devices)),
                ]
            })
        text += section("Problems", ["FIELD", "PATH", "REASON"], inventory.problems.map { [$0.field, $0.path, $0.reason] })
        return text
    }

    private static func list(_ words: [String]) -> String {
        var unique: [String] = []
        for word in words where !unique.contains(word) { unique.append(word) }
        return unique.isEmpty ? "-" : unique.joined(separator: " ")
    }

    private static func joined(_ parts: String?...) -> String {
        let known = parts.compactMap { $0 }
        return known.isEmpty ? "-" : known.joined(separator: " ").printable
    }

    /// One thing's values without its name in each line.
    static func explanation(_ name: String, _ found: [Trace.Found]) -> String {
        let subjects = Set(found.map(\.subject))
        let rows = found.map { [$0.subject, $0.step.field, $0.step.outcome, $0.step.path] }
        let heading = ["OF", "FIELD", "OUTCOME", "FROM"]
        if subjects.count > 1 { return "\(name.printable)\n" + TextTable.lines(heading, rows) }
        return "\(name.printable)\n" + TextTable.lines(Array(heading.dropFirst()), rows.map { Array($0.dropFirst()) })
    }

    private static func row(_ session: Inventory.Session) -> [String] {
        let portals = session.portals.map { portal in
            let address = portal.address.contains(":") ? "[\(portal.address)]" : portal.address
            return portal.port.map { "\(address):\($0)" } ?? address
        }
        return [
            session.name, session.target?.description ?? "-", portals.isEmpty ? "-" : portals.joined(separator: ","),
            session.targetPortalGroupTag.map { "\($0)" } ?? "-", session.state ?? "-", session.authentication.rawValue,
            session.interface ?? "-",
        ]
    }

    private static func paths(_ device: Inventory.BlockDevice) -> [[String]] {
        device.pathGroups.enumerated().flatMap { index, group in
            group.paths.map { path in
                [
                    device.mapName ?? device.name, "\(index + 1) \(group.state ?? "")", path.device, path.state ?? "-",
                    (path.accessState ?? "-") + (path.preferred == true ? " preferred" : ""),
                ]
            }
        }
    }

    private static func array(_ device: Inventory.BlockDevice) -> [String]? {
        device.array.map { array in
            [
                device.name, device.raidLevel ?? "-", device.state ?? "-", array.raidDisks.map { "\($0)" } ?? "-",
                array.degraded.map { "\($0)" } ?? "-",
                array.members.map { "\($0.device) \($0.state ?? "")" }.joined(separator: ", "),
            ]
        }
    }

    private static func row(_ initiator: Inventory.Initiator) -> [String] {
        [
            initiator.transport.rawValue, initiator.name ?? "-",
            (initiator.initiatorName?.description ?? initiator.wwpn?.description) ?? "-",
            initiator.portState ?? "-", initiator.speed ?? "-", initiator.driver ?? "-",
        ]
    }

    private static func row(_ device: Inventory.BlockDevice) -> [String] {
        [
            device.name, device.deviceNumber?.description ?? "-", device.raidLevel ?? device.kind, size(device.sizeBytes),
            device.parents.isEmpty ? "-" : device.parents.joined(separator: ","), device.transport ?? "-", device.wwid?.description ?? "-",
            device.mapName ?? device.model ?? "-",
        ]
    }

    private static func row(_ fileSystem: Inventory.FileSystem) -> [String] {
        [
            fileSystem.mountPoint, fileSystem.type, size(fileSystem.sizeBytes), size(fileSystem.availableBytes),
            fileSystem.devices.isEmpty ? fileSystem.source : fileSystem.devices.joined(separator: ","),
        ]
    }

    private static func size(_ bytes: Int64?) -> String { bytes.map { ByteCount($0).description } ?? "-" }

    private static func section(_ title: String, _ heading: [String], _ rows: [[String]]) -> String {
        rows.isEmpty ? "" : "\n\(title)\n" + TextTable.lines(heading, rows)
    }
}
