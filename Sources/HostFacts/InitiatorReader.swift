import Glibc
import Identifiers
import Inventory

/// Reads the ports through which this host reaches storage.
struct InitiatorReader {
    let reader: FactReader

    func all(controllers: [Inventory.Controller]) -> [Inventory.Initiator] { fibreChannel() + iSCSI() + nvme(controllers) + sas() }

    /// `/sys/class/fc_host` (sysfs-class-fc_host), virtual ports included.
    private func fibreChannel() -> [Inventory.Initiator] {
        reader.names("sys/class/fc_host", "initiators").compactMap { name in
            reader.trace?.subject = name
            guard let directory = reader.tree.directory("sys/class/fc_host/\(name)") else { return nil }
            var initiator = Inventory.Initiator(transport: .fc, name: name)
            initiator.wwpn = wwn("port_name", "wwpn", in: directory)
            initiator.wwnn = wwn("node_name", "wwnn", in: directory)
            initiator.fabricName =
                reader.parsed("fabric_name", "fabricName", in: directory, expected: "a worldwide name", Self.fabricName) ?? nil
            initiator.portState = reader.text("port_state", "portState", in: directory)
            initiator.portType = reader.text("port_type", "portType", in: directory)
            initiator.speed = reader.text("speed", "speed", in: directory)
            initiator.symbolicName = reader.text("symbolic_name", "symbolicName", in: directory)
            initiator.driver = reader.text(file: "sys/class/scsi_host/\(name)/proc_name", "driver")
            initiator.portID = reader.text("port_id", "portID", in: directory)
            initiator.supportedSpeeds = reader.text("supported_speeds", "supportedSpeeds", in: directory)
            FibreChannelAdapter(reader: reader).read(&initiator, host: name, in: directory)
            return initiator
        }
    }

    /// open-iscsi's name, and those of adapters that have names of their own.
    private func iSCSI() -> [Inventory.Initiator] {
        reader.trace?.subject = "iscsi"
        var found: [Inventory.Initiator] = []
        if let name = hostName() {
            var initiator = Inventory.Initiator(transport: .iscsi, iqn: name)
            initiator.interfaces = reader.privileged?.interfaces ?? ISCSIInterfaceReader(reader: reader).all()
            found.append(initiator)
        }
        for host in reader.names("sys/class/iscsi_host", "initiators") {
            reader.trace?.subject = host
            let file = "sys/class/iscsi_host/\(host)/initiatorname"
            guard let name = reader.parsed(file: file, "iqn", expected: "an iSCSI name", Self.adapterName) ?? nil else { continue }
            if found.contains(where: { $0.iqn == name }) { continue }
            let driver = reader.text(file: "sys/class/scsi_host/\(host)/proc_name", "driver")
            // Sessions of the software initiator come and go with their hosts: it has one name, and no host of its own.
            let isSoftware = driver?.hasPrefix("iscsi_tcp") == true || driver?.hasPrefix("ib_iser") == true
            if isSoftware {
                reader.trace?.subject = "iscsi"
                reader.trace?.add("iqn", file, name.description)
            }
            var initiator = Inventory.Initiator(
                transport: .iscsi, name: isSoftware ? nil : host, driver: isSoftware ? nil : driver, iqn: name)
            if !isSoftware { adapter(&initiator, host) }
            found.append(initiator)
        }
        return found
    }

    /// An offload adapter's own network port (class/iscsi_host).
    private func adapter(_ initiator: inout Inventory.Initiator, _ host: String) {
        guard let directory = reader.tree.directory("sys/class/iscsi_host/\(host)") else { return }
        initiator.hardwareAddress = SessionReader.known(reader.text("hwaddress", "hardwareAddress", in: directory))
        initiator.address = SessionReader.known(reader.text("ipaddress", "address", in: directory))
        initiator.networkInterface = SessionReader.known(reader.text("netdev", "networkInterface", in: directory))
        initiator.portState = SessionReader.known(reader.text("port_state", "portState", in: directory))
        initiator.speed = SessionReader.known(reader.text("port_speed", "speed", in: directory))
    }

    /// The name file is root's alone on Debian.
    private func hostName() -> ISCSIName? {
        guard let privileged = reader.privileged else {
            return reader.whole(file: InitiatorNameFile.path, "iqn", InitiatorNameFile.parse)
        }
        reader.note(privileged.problems)
        reader.trace?.add("iqn", InitiatorNameFile.path, "read with privilege: \(privileged.initiatorName?.description ?? "absent")")
        return privileged.initiatorName
    }

    /// The kernel writes `(null)` or `<NULL>` where a host has no name.
    private static func adapterName(_ bytes: UnsafeRawBufferPointer) -> ISCSIName?? {
        guard let text = FactText.valid(bytes) else { return nil }
        if text == "(null)" || text == "<NULL>" { return .some(nil) }
        return ISCSIName(text).map { .some($0) }
    }

    /// nvme-cli's `/etc/nvme/hostnqn`, and other names that controllers were connected with.
    private func nvme(_ controllers: [Inventory.Controller]) -> [Inventory.Initiator] {
        reader.trace?.subject = "nvme"
        var found: [Inventory.Initiator] = []
        let hostID = reader.text(file: "etc/nvme/hostid", "nvmeHostID")
        if let nqn = reader.parsed(file: "etc/nvme/hostnqn", "nqn", expected: "an NVMe qualified name", Self.nqn) {
            found.append(Inventory.Initiator(transport: .nvme, nqn: nqn, nvmeHostID: hostID))
        }
        for controller in controllers {
            guard let nqn = controller.hostNQN, !found.contains(where: { $0.nqn == nqn }) else { continue }
            reader.trace?.add("nqn", "sys/class/nvme/\(controller.name)/hostnqn", nqn.description)
            if let hostID = controller.hostID { reader.trace?.add("nvmeHostID", "sys/class/nvme/\(controller.name)/hostid", hostID) }
            found.append(Inventory.Initiator(transport: .nvme, nqn: nqn, nvmeHostID: controller.hostID))
        }
        return found
    }

    /// `/sys/class/sas_host`; the address is the adapter's own, or its first phy's.
    private func sas() -> [Inventory.Initiator] {
        reader.names("sys/class/sas_host", "initiators").map { name in
            reader.trace?.subject = name
            var initiator = Inventory.Initiator(transport: .sas, name: name)
            initiator.driver = reader.text(file: "sys/class/scsi_host/\(name)/proc_name", "driver")
            initiator.wwpn =
                reader.parsed(
                    file: "sys/class/scsi_host/\(name)/host_sas_address", "wwpn", expected: "a SAS address", SCSITransports.wwn)
                ?? addressOfPhy("sys/class/sas_phy/phy-\(name.dropFirst("host".count)):0")
            return initiator
        }
    }

    /// A phy's address is its adapter's where it can be an initiator. Some drivers (mptsas) show what is attached to the phy in its place, such
    /// as a disk, which cannot.
    private func addressOfPhy(_ phy: String) -> WWN? {
        if reader.text(file: "\(phy)/initiator_port_protocols", "wwpn") == "none" { return nil }
        return reader.parsed(file: "\(phy)/sas_address", "wwpn", expected: "a SAS address", SCSITransports.wwn)
    }

    private func wwn(_ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory) -> WWN? {
        reader.parsed(attribute, field, in: directory, expected: "a worldwide name", SCSITransports.wwn)
    }

    /// The kernel writes all ones or `0x0` where the port is not logged in to a fabric, as in point-to-point and VN2VN.
    private static func fabricName(_ bytes: UnsafeRawBufferPointer) -> WWN?? {
        guard let text = FactText.valid(bytes) else { return nil }
        if text == "0x0" { return .some(nil) }
        guard let name = WWN(text) else { return nil }
        return .some([0, UInt64.max].contains(name.value) ? nil : name)
    }

    private static func nqn(_ bytes: UnsafeRawBufferPointer) -> NQN? { FactText.valid(bytes).flatMap { NQN($0) } }
}
