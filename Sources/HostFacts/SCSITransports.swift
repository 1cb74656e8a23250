import Identifiers
import Inventory

/// What transport a SCSI host speaks, and who is at both ends of a path through it. Asked once for each host and each remote port or
/// session.
struct SCSITransports {
    private let reader: FactReader
    private let objects: TransportObjects
    /// Both ends of a path, and the attributes that say them.
    private struct Ends {
        var target: InitiatorName?
        var targetPath: String
        var initiator: InitiatorName?
        var initiatorPath: String
    }

    /// By host number: there are a handful.
    private var hosts: [(number: UInt32, transport: String?, path: String)] = []
    private var index = NameIndex()
    private var ends: [Ends] = []

    init(reader: FactReader, objects: TransportObjects) {
        self.reader = reader
        self.objects = objects
    }

    /// As lsblk tells them apart, by the classes that the host is in.
    mutating func transport(_ path: DevicePath, _ address: SCSIAddress) -> String? {
        if let known = hosts.first(where: { $0.number == address.host }) {
            reader.trace?.add("transport", known.path, known.transport ?? "absent")
            return known.transport
        }
        let (transport, place) = read(path, host: "host\(address.host)")
        hosts.append((address.host, transport, place))
        reader.trace?.add("transport", place, transport ?? "absent")
        return transport
    }

    /// Target port and initiator of a path, for FC and iSCSI.
    mutating func logicalUnit(_ path: DevicePath, _ address: SCSIAddress, transport: String?) -> Inventory.LogicalUnit? {
        var host: String { "host\(address.host)" }
        switch transport {
        case "fc", "fcoe":
            guard let key = path.remotePort ?? path.target else { return nil }
            let ends = known(key) { $0.fibreChannel(path, host) }
            explain(ends)
            return Inventory.LogicalUnit(
                lun: address.lun, targetPort: ends.target, initiator: ends.initiator, remotePort: path.remotePort)
        case "iscsi":
            guard let key = path.session else { return nil }
            let ends = known(key) { $0.iSCSI(key, host) }
            explain(ends)
            return Inventory.LogicalUnit(lun: address.lun, targetPort: ends.target, initiator: ends.initiator, session: key)
        default: return nil
        }
    }

    /// The address of the SAS port that a disk is behind.
    func sasAddress(_ path: DevicePath) -> WWN? {
        guard let port = path.endDevice else { return nil }
        return reader.parsed(file: "sys/class/sas_device/\(port)/sas_address", "sasAddress", expected: "a SAS address", Self.wwn)
    }

    /// What is read once is told for each disk.
    private func explain(_ ends: Ends) {
        guard let trace = reader.trace else { return }
        trace.add("targetPort", ends.targetPath, ends.target?.description ?? "absent")
        trace.add("initiator", ends.initiatorPath, ends.initiator?.description ?? "absent")
    }

    private mutating func known(_ key: String, _ read: (Self) -> Ends) -> Ends {
        if let position = index[key] { return ends[position] }
        let found = read(self)
        index.insert(key, at: ends.count)
        ends.append(found)
        return found
    }

    /// With the place that says it.
    private func read(_ path: DevicePath, host: String) -> (transport: String?, path: String) {
        let tree = reader.tree
        let device = path.device ?? "sys/class/scsi_host/\(host)"
        if tree.exists("sys/class/spi_host/\(host)") { return ("spi", "sys/class/spi_host/\(host)") }
        if tree.exists("sys/class/fc_host/\(host)") {
            let symbolic = reader.text(file: "sys/class/fc_host/\(host)/symbolic_name", "transport")
            return (symbolic?.contains(" over ") == true ? "fcoe" : "fc", "sys/class/fc_host/\(host)")
        }
        if tree.exists("sys/class/sas_host/\(host)") { return ("sas", "sys/class/sas_host/\(host)") }
        if tree.exists("\(device)/sas_device") { return ("sas", "\(device)/sas_device") }
        if path.isFireWire { return ("sbp", device) }
        if tree.exists("sys/class/iscsi_host/\(host)") { return ("iscsi", "sys/class/iscsi_host/\(host)") }
        if path.isUSB { return ("usb", device) }
        let file = "sys/class/scsi_host/\(host)/proc_name"
        guard let driver = reader.text(file: file, "transport") else { return (nil, file) }
        if driver.hasPrefix("ahci") || driver.hasPrefix("sata") { return ("sata", file) }
        return (driver.contains("ata") ? "ata" : nil, file)
    }

    private func fibreChannel(_ path: DevicePath, _ host: String) -> Ends {
        let file =
            if let port = path.remotePort { "sys/class/fc_remote_ports/\(port)/port_name" } else {
                "sys/class/fc_transport/\(path.target ?? "")/port_name"
            }
        let target =
            path.remotePort.flatMap { objects.remotePort($0)?.wwpn }
            ?? reader.parsed(file: file, "targetPort", expected: "a worldwide name", Self.wwn)
        let hostFile = "sys/class/fc_host/\(host)/port_name"
        let initiator =
            objects.fibreChannelPort(host)?.wwpn ?? reader.parsed(file: hostFile, "initiator", expected: "a worldwide name", Self.wwn)
        return Ends(
            target: target.map(InitiatorName.wwpn), targetPath: file, initiator: initiator.map(InitiatorName.wwpn), initiatorPath: hostFile)
    }

    private func iSCSI(_ session: String, _ host: String) -> Ends {
        let directory = "sys/class/iscsi_session/\(session)"
        var ends = Ends(targetPath: "\(directory)/targetname", initiatorPath: "\(directory)/initiatorname")
        if let known = objects.session(session), let target = known.target, let initiator = known.initiator {
            (ends.target, ends.initiator) = (.iqn(target), .iqn(initiator))
            return ends
        }
        ends.target = reader.parsed(file: ends.targetPath, "targetPort", expected: "an iSCSI name", Self.iscsiName).map(InitiatorName.iqn)
        var initiator = reader.parsed(file: ends.initiatorPath, "initiator", expected: "an iSCSI name", Self.iscsiName)
        if initiator == nil {
            ends.initiatorPath = "sys/class/iscsi_host/\(host)/initiatorname"
            initiator = reader.parsed(file: ends.initiatorPath, "initiator", expected: "an iSCSI name", Self.iscsiName)
        }
        ends.initiator = initiator.map(InitiatorName.iqn)
        return ends
    }

    static func wwn(_ bytes: UnsafeRawBufferPointer) -> WWN? { FactText.valid(bytes).flatMap { WWN($0) } }
    static func iscsiName(_ bytes: UnsafeRawBufferPointer) -> ISCSIName? { FactText.valid(bytes).flatMap { ISCSIName($0) } }
}
