import Identifiers
import Inventory

/// Reads `/sys/class/fc_remote_ports` (sysfs-class-fc_remote_ports), whose names say the host: `rport-HOST:CHANNEL-NUMBER`.
struct RemotePortReader {
    let reader: FactReader

    func all(initiators: [Inventory.Initiator]) -> [Inventory.RemotePort] {
        reader.names("sys/class/fc_remote_ports", "remotePorts").compactMap { name in
            reader.trace?.subject = name
            guard let directory = reader.tree.directory("sys/class/fc_remote_ports/\(name)") else { return nil }
            var port = Inventory.RemotePort(name: name)
            port.host = Self.host(of: name)
            port.initiator = port.host.flatMap { host in initiators.first { $0.transport == .fc && $0.name == host }?.wwpn }
            port.wwpn = reader.parsed("port_name", "wwpn", in: directory, expected: "a worldwide name", SCSITransports.wwn)
            port.wwnn = reader.parsed("node_name", "wwnn", in: directory, expected: "a worldwide name", SCSITransports.wwn)
            port.portID = reader.text("port_id", "portID", in: directory)
            port.roles = reader.text("roles", "roles", in: directory)
            port.portState = reader.text("port_state", "portState", in: directory)
            port.scsiTarget =
                reader.parsed("scsi_target_id", "scsiTarget", in: directory, expected: "a number", Self.target) ?? nil
            return port
        }
    }

    static func host(of name: String) -> String? {
        let rest = name.utf8.dropFirst("rport-".utf8.count).prefix { $0 != UInt8(ascii: ":") }
        guard name.hasPrefix("rport-"), !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return "host\(Substring(rest))"
    }

    /// -1 where the port is no target.
    private static func target(_ bytes: UnsafeRawBufferPointer) -> Int64?? {
        if FactText.equal(bytes, "-1") { return .some(nil) }
        return FactText.decimal(bytes).map { .some($0) }
    }
}
