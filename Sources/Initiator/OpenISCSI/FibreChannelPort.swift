import Identifiers
import Inventory

/// A Fibre Channel port of this host with what it sees.
package struct FibreChannelPort: Equatable, Sendable {
    /// The kernel's: `host6`.
    package var name: String
    package var wwpn: WWN?
    /// In the kernel's words: `Online`.
    package var state: String?
    package var speed: String?
    package var remotePorts: [Inventory.RemotePort]
    /// Disks that came through it.
    package var units: [LiveSession.Unit]

    /// Those of an inventory, by name.
    package static func all(in inventory: Inventory) -> [FibreChannelPort] {
        inventory.initiators.compactMap { initiator in
            guard initiator.transport == .fc, let name = initiator.name else { return nil }
            let remotePorts = inventory.remotePorts.filter { $0.host == name }
            let seen = Set(remotePorts.map(\.name))
            let units = inventory.blockDevices.compactMap { device -> LiveSession.Unit? in
                guard device.kind == "disk", let unit = device.logicalUnit, let port = unit.remotePort, seen.contains(port) else {
                    return nil
                }
                return LiveSession.Unit(
                    name: device.name, lun: unit.lun, wwid: device.wwid, sizeBytes: device.sizeBytes, state: device.state)
            }
            return FibreChannelPort(
                name: name, wwpn: initiator.wwpn, state: initiator.portState, speed: initiator.speed, remotePorts: remotePorts,
                units: units.sorted { ($0.lun, $0.name) < ($1.lun, $1.name) })
        }.sorted { $0.name < $1.name }
    }

    /// For people, a line each: the port, its remote ports, its units.
    package var lines: [String] {
        var lines = [
            "\(name): port \(wwpn?.description ?? "of unknown name"), \(state ?? "state not known"), \(speed ?? "speed not known")"
        ]
        for port in remotePorts {
            let name = port.wwpn?.description ?? port.name
            lines.append("  sees \(name), \(port.roles ?? "role not known"), \(port.portState ?? "state not known")")
        }
        if remotePorts.isEmpty { lines.append("  sees no other port") }
        for unit in units {
            let size = unit.sizeBytes.map { ByteCount($0).description } ?? "unknown size"
            lines.append("  \(unit.name): LUN \(unit.lun), \(size), WWID \(unit.wwid?.description ?? "unknown")")
        }
        return lines
    }
}
