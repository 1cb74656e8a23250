import Identifiers
import Inventory

/// What transport a SCSI host speaks, and who is at both ends of a path through it. Asked once for each host and each remote port or
/// session.
struct SCSITransports {
    private let reader: FactReader
    private let objects: TransportObjects
    private typealias Ends = (target: InitiatorName?, initiator: InitiatorName?)
    /// By host number: there are a handful.
    private var hosts: [(number: UInt32, transport: String?)] = []
    private var index = NameIndex()
    private var ends: [Ends] = []

    init(reader: FactReader, objects: TransportObjects) {
        self.reader = reader
        self.objects = objects
    }

    /// As lsblk tells them apart, by the classes that the host is in.
    mutating func transport(_ path: DevicePath, _ address: SCSIAddress) -> String? {
        if let known = hosts.first(where: { $0.number == address.host }) { return known.transport }
        let found = read(path, host: "host\(address.host)")
        hosts.append((address.host, found))
        return found
    }

    /// Target port and initiator of a path, for FC and iSCSI.
    mutating func logicalUnit(_ path: DevicePath, _ address: SCSIAddress, transport: String?) -> Inventory.LogicalUnit? {
        var host: String { "host\(address.host)" }
        switch transport {
        case "fc", "fcoe":
            guard let key = path.remotePort ?? path.target else { return nil }
            let ends = known(key) { $0.fibreChannel(path, host) }
            explain(ends, path.remotePort.map { "sys/class/fc_remote_ports/\($0)/port_name" }, "sys/class/fc_host/\(host)/port_name")
            return Inventory.LogicalUnit(
                lun: address.lun, targetPort: ends.target, initiator: ends.initiator, remotePort: path.remotePort)
        case "iscsi":
            guard let key = path.session else { return nil }
            let ends = known(key) { $0.iSCSI(key, host) }
            explain(ends, "sys/class/iscsi_session/\(key)/targetname", "sys/class/iscsi_session/\(key)/initiatorname")
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
    private func explain(_ ends: Ends, _ target: @autoclosure () -> String?, _ initiator: @autoclosure () -> String) {
        guard let trace = reader.trace else { return }
        if let target = target() { trace.add("targetPort", target, ends.target?.description ?? "absent") }
        trace.add("initiator", initiator(), ends.initiator?.description ?? "absent")
    }

    private mutating func known(_ key: String, _ read: (Self) -> Ends) -> Ends {
        if let position = index[key] { return ends[position] }
        let found = read(self)
        index.insert(key, at: ends.count)
        ends.append(found)
        return found
    }

    private func read(_ path: DevicePath, host: String) -> String? {
        let tree = reader.tree
        if tree.exists("sys/class/spi_host/\(host)") { return "spi" }
        if tree.exists("sys/class/fc_host/\(host)") {
            let symbolic = reader.text(file: "sys/class/fc_host/\(host)/symbolic_name", "transport")
            return symbolic?.contains(" over ") == true ? "fcoe" : "fc"
        }
        if tree.exists("sys/class/sas_host/\(host)") { return "sas" }
        if let device = path.device, tree.exists("\(device)/sas_device") { return "sas" }
        if path.isFireWire { return "sbp" }
        if tree.exists("sys/class/iscsi_host/\(host)") { return "iscsi" }
        if path.isUSB { return "usb" }
        guard let driver = reader.text(file: "sys/class/scsi_host/\(host)/proc_name", "transport") else { return nil }
        if driver.hasPrefix("ahci") || driver.hasPrefix("sata") { return "sata" }
        return driver.contains("ata") ? "ata" : nil
    }

    private func fibreChannel(_ path: DevicePath, _ host: String) -> Ends {
        let file =
            if let port = path.remotePort { "sys/class/fc_remote_ports/\(port)/port_name" } else {
                "sys/class/fc_transport/\(path.target ?? "")/port_name"
            }
        let target =
            path.remotePort.flatMap { objects.remotePort($0)?.wwpn }
            ?? reader.parsed(file: file, "targetPort", expected: "a worldwide name", Self.wwn)
        let initiator =
            objects.fibreChannelPort(host)?.wwpn
            ?? reader.parsed(file: "sys/class/fc_host/\(host)/port_name", "initiator", expected: "a worldwide name", Self.wwn)
        return (target.map(InitiatorName.wwpn), initiator.map(InitiatorName.wwpn))
    }

    private func iSCSI(_ session: String, _ host: String) -> Ends {
        if let known = objects.session(session), let target = known.target, let initiator = known.initiator {
            return (.iqn(target), .iqn(initiator))
        }
        let target = reader.parsed(
            file: "sys/class/iscsi_session/\(session)/targetname", "targetPort", expected: "an iSCSI name", Self.iscsiName)
        let initiator =
            reader.parsed(file: "sys/class/iscsi_session/\(session)/initiatorname", "initiator", expected: "an iSCSI name", Self.iscsiName)
            ?? reader.parsed(file: "sys/class/iscsi_host/\(host)/initiatorname", "initiator", expected: "an iSCSI name", Self.iscsiName)
        return (target.map(InitiatorName.iqn), initiator.map(InitiatorName.iqn))
    }

    static func wwn(_ bytes: UnsafeRawBufferPointer) -> WWN? { FactText.valid(bytes).flatMap { WWN($0) } }
    static func iscsiName(_ bytes: UnsafeRawBufferPointer) -> ISCSIName? { FactText.valid(bytes).flatMap { ISCSIName($0) } }
}
