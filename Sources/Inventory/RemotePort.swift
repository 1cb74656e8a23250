import Identifiers
import StrictJSON

extension Inventory {
    /// A Fibre Channel port that a port of this host is logged in to (sysfs-class-fc_remote_ports): a target's, or another initiator's.
    package struct RemotePort: InventoryEntry {
        /// The kernel's: `rport-6:0-1`.
        package var name: String
        /// The host that sees it: `host6`.
        package var host: String?
        /// That host's port.
        package var initiator: WWN?
        package var wwpn: WWN?
        package var wwnn: WWN?
        /// The address in the fabric, `0x010200`.
        package var portID: String?
        /// In the kernel's words: `FCP Target`.
        package var roles: String?
        /// In the kernel's words: `Online`, `Blocked`, `Not Present`.
        package var portState: String?
        /// The SCSI target number that its logical units have on that host; none where it is no target.
        package var scsiTarget: Int64?

        package init(
            name: String, host: String? = nil, initiator: WWN? = nil, wwpn: WWN? = nil, wwnn: WWN? = nil, portID: String? = nil,
            roles: String? = nil, portState: String? = nil, scsiTarget: Int64? = nil
        ) {
            self.name = name
            self.host = host
            self.initiator = initiator
            self.wwpn = wwpn
            self.wwnn = wwnn
            self.portID = portID
            self.roles = roles
            self.portState = portState
            self.scsiTarget = scsiTarget
        }

        package var key: String { name }
    }
}

extension Inventory.RemotePort: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("host", host)
            writer.member("initiator", initiator?.description)
            writer.member("wwpn", wwpn?.description)
            writer.member("wwnn", wwnn?.description)
            writer.member("portID", portID)
            writer.member("roles", roles)
            writer.member("portState", portState)
            writer.member("scsiTarget", scsiTarget)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        host = try fields.optionalString("host", maximumLength: 255)
        initiator = try fields.optionalParsed("initiator", expected: "a worldwide name of 64 bits") { WWN($0) }
        wwpn = try fields.optionalParsed("wwpn", expected: "a worldwide name of 64 bits") { WWN($0) }
        wwnn = try fields.optionalParsed("wwnn", expected: "a worldwide name of 64 bits") { WWN($0) }
        portID = try fields.optionalString("portID", maximumLength: 64)
        roles = try fields.optionalString("roles", maximumLength: 255)
        portState = try fields.optionalString("portState", maximumLength: 64)
        scsiTarget = try fields.optionalInteger("scsiTarget")
    }
}
