import Identifiers
import StrictJSON

extension Inventory {
    /// A port of the host through which it reaches storage: an FC port, the iSCSI initiator, the NVMe host, a SAS host.
    package struct Initiator: InventoryEntry {
        package var transport: Transport
        /// The kernel's: `host6`. None for names that are the whole host's.
        package var name: String?
        package var wwpn: WWN?
        package var wwnn: WWN?
        package var fabricName: WWN?
        /// In the kernel's words: `Online`, `Linkdown`.
        package var portState: String?
        package var portType: String?
        /// In the kernel's words: `16 Gbit`.
        package var speed: String?
        package var driver: String?
        package var symbolicName: String?
        package var iqn: ISCSIName?
        package var nqn: NQN?
        /// NVMe's host identifier, a UUID.
        package var nvmeHostID: String?
        /// The adapter's, as far as its driver says: `LPe32002-M2`.
        package var model: String?
        /// The adapter's firmware: `14.2.589.5`.
        package var firmware: String?
        package var driverVersion: String?
        /// An FC port's address in the fabric: `0x010100`.
        package var portID: String?
        /// What an FC port can do, in the kernel's words: `8 Gbit, 16 Gbit, 32 Gbit`.
        package var supportedSpeeds: String?
        /// An iSCSI adapter's own network port.
        package var hardwareAddress: String?
        package var address: String?
        package var networkInterface: String?
        /// open-iscsi's records of what sessions are bound to, sorted by name; those of the host's own name alone have them.
        package var interfaces: [ISCSIInterface]

        package init(
            transport: Transport, name: String? = nil, wwpn: WWN? = nil, wwnn: WWN? = nil, fabricName: WWN? = nil, portState: String? = nil,
            portType: String? = nil, speed: String? = nil, driver: String? = nil, symbolicName: String? = nil, iqn: ISCSIName? = nil,
            nqn: NQN? = nil, nvmeHostID: String? = nil
        ) {
            self.transport = transport
            self.name = name
            self.wwpn = wwpn
            self.wwnn = wwnn
            self.fabricName = fabricName
            self.portState = portState
            self.portType = portType
            self.speed = speed
            self.driver = driver
            self.symbolicName = symbolicName
            self.iqn = iqn
            self.nqn = nqn
            self.nvmeHostID = nvmeHostID
            interfaces = []
        }

        /// What a storage system's masking knows it by; none where the host could not read it.
        package var initiatorName: InitiatorName? {
            switch transport {
            case .fc: wwpn.map(InitiatorName.wwpn)
            case .iscsi: iqn.map(InitiatorName.iqn)
            case .nvme: nqn.map(InitiatorName.nqn)
            case .sas: nil
            }
        }

        package static let maximumInterfaces = 1024

        package var key: String { "\(transport.rawValue) \(name ?? initiatorName?.description ?? "")" }
    }
}

extension Inventory.Initiator: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("transport", transport.rawValue)
            writer.member("name", name)
            writer.member("wwpn", wwpn?.description)
            writer.member("wwnn", wwnn?.description)
            writer.member("fabricName", fabricName?.description)
            writer.member("portState", portState)
            writer.member("portType", portType)
            writer.member("speed", speed)
            writer.member("driver", driver)
            writer.member("symbolicName", symbolicName)
            writer.member("iqn", iqn?.description)
            writer.member("nqn", nqn?.description)
            writer.member("nvmeHostID", nvmeHostID)
            writer.member("model", model)
            writer.member("firmware", firmware)
            writer.member("driverVersion", driverVersion)
            writer.member("portID", portID)
            writer.member("supportedSpeeds", supportedSpeeds)
            writer.member("hardwareAddress", hardwareAddress)
            writer.member("address", address)
            writer.member("networkInterface", networkInterface)
            if !interfaces.isEmpty { writer.member("interfaces", array: interfaces) }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        transport = try fields.parsed("transport", expected: "fc, iscsi, nvme or sas") { Transport(rawValue: $0) }
        name = try fields.optionalString("name", maximumLength: 255)
        wwpn = try fields.optionalParsed("wwpn", expected: "a worldwide name of 64 bits") { WWN($0) }
        wwnn = try fields.optionalParsed("wwnn", expected: "a worldwide name of 64 bits") { WWN($0) }
        fabricName = try fields.optionalParsed("fabricName", expected: "a worldwide name of 64 bits") { WWN($0) }
        portState = try fields.optionalString("portState", maximumLength: 64)
        portType = try fields.optionalString("portType", maximumLength: 64)
        speed = try fields.optionalString("speed", maximumLength: 64)
        driver = try fields.optionalString("driver", maximumLength: 64)
        symbolicName = try fields.optionalString("symbolicName", maximumLength: 255)
        iqn = try fields.optionalParsed("iqn", expected: "an iSCSI name") { ISCSIName($0) }
        nqn = try fields.optionalParsed("nqn", expected: "an NVMe qualified name") { NQN($0) }
        nvmeHostID = try fields.optionalString("nvmeHostID", maximumLength: 64)
        model = try fields.optionalString("model", maximumLength: 255)
        firmware = try fields.optionalString("firmware", maximumLength: 255)
        driverVersion = try fields.optionalString("driverVersion", maximumLength: 255)
        portID = try fields.optionalString("portID", maximumLength: 64)
        supportedSpeeds = try fields.optionalString("supportedSpeeds", maximumLength: 255)
        hardwareAddress = try fields.optionalString("hardwareAddress", maximumLength: 64)
        address = try fields.optionalString("address", maximumLength: 255)
        networkInterface = try fields.optionalString("networkInterface", maximumLength: 255)
        interfaces = try fields.objects("interfaces", maximumCount: Self.maximumInterfaces) { (interface) throws(JSONError) in
            try Inventory.ISCSIInterface(json: interface)
        }
    }
}
