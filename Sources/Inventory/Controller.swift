import Identifiers
import StrictJSON

extension Inventory {
    /// An NVMe controller (sysfs: class/nvme): one path from this host to a subsystem.
    package struct Controller: InventoryEntry {
        /// The kernel's: `nvme0`.
        package var name: String
        /// The kernel's: `nvme-subsys0`.
        package var subsystem: String?
        package var subsystemNQN: NQN?
        /// `pcie`, `tcp`, `rdma`, `fc`, `loop`.
        package var transport: String?
        /// In the kernel's words: `traddr=10.0.0.1,trsvcid=4420`, `0000:01:00.0`.
        package var address: String?
        /// In the kernel's words: `live`, `connecting`, `resetting`.
        package var state: String?
        /// As whom this host is connected; none of a drive's own.
        package var hostNQN: NQN?
        package var hostID: String?
        /// CNTLID, by which the subsystem tells its controllers apart.
        package var controllerID: Int64?
        /// `io`, `discovery`, `admin`.
        package var type: String?
        package var model: String?
        package var serial: String?
        package var firmware: String?
        /// How the kernel chooses among the subsystem's paths: `numa`, `round-robin`, `queue-depth`.
        package var ioPolicy: String?

        package init(name: String, transport: String? = nil, subsystemNQN: NQN? = nil, hostNQN: NQN? = nil) {
            self.name = name
            self.transport = transport
            self.subsystemNQN = subsystemNQN
            self.hostNQN = hostNQN
        }

        package var key: String { name }
    }
}

extension Inventory.Controller: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("subsystem", subsystem)
            writer.member("subsystemNQN", subsystemNQN?.description)
            writer.member("transport", transport)
            writer.member("address", address)
            writer.member("state", state)
            writer.member("hostNQN", hostNQN?.description)
            writer.member("hostID", hostID)
            writer.member("controllerID", controllerID)
            writer.member("type", type)
            writer.member("model", model)
            writer.member("serial", serial)
            writer.member("firmware", firmware)
            writer.member("ioPolicy", ioPolicy)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        subsystem = try fields.optionalString("subsystem", maximumLength: 255)
        subsystemNQN = try fields.optionalParsed("subsystemNQN", expected: "an NVMe qualified name") { NQN($0) }
        transport = try fields.optionalString("transport", maximumLength: 64)
        address = try fields.optionalString("address", maximumLength: 512)
        state = try fields.optionalString("state", maximumLength: 64)
        hostNQN = try fields.optionalParsed("hostNQN", expected: "an NVMe qualified name") { NQN($0) }
        hostID = try fields.optionalString("hostID", maximumLength: 64)
        controllerID = try fields.optionalInteger("controllerID")
        type = try fields.optionalString("type", maximumLength: 64)
        model = try fields.optionalString("model", maximumLength: 512)
        serial = try fields.optionalString("serial", maximumLength: 512)
        firmware = try fields.optionalString("firmware", maximumLength: 255)
        ioPolicy = try fields.optionalString("ioPolicy", maximumLength: 64)
    }
}
