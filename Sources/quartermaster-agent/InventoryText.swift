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
            "Block devices", ["NAME", "NUMBER", "KIND", "SIZE", "ON", "TRANSPORT", "WWID", "MODEL"], inventory.blockDevices.map(row))
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

    static func explanation(_ name: String, _ steps: [Trace.Step], _ inventory: Inventory) -> String {
        "\(name.printable)\n" + columns(["FIELD", "OUTCOME", "FROM"], steps.map { [$0.field, $0.outcome, $0.path] })
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
        rows.isEmpty ? "" : "\n\(title)\n" + columns(heading, rows)
    }

    private static func columns(_ heading: [String], _ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(\.printable) }
        var widths = heading.map(\.count)
        for row in rows { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
        return ([heading] + rows).map { row in
            var line = "  "
            for (index, cell) in row.enumerated() {
                line += cell
                if index + 1 < row.count { line += String(repeating: " ", count: widths[index] - cell.count + 2) }
            }
            return line + "\n"
        }.joined()
    }
}
