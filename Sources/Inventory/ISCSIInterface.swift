import Identifiers
import StrictJSON

extension Inventory {
    /// A record of open-iscsi's `/etc/iscsi/ifaces`: what a session is bound to.
    package struct ISCSIInterface: Hashable, Sendable {
        /// `iface.iscsi_ifacename`
        package var name: String
        /// `iface.transport_name`: `tcp`, `iser`, `bnx2i`, `qla4xxx`.
        package var transport: String?
        /// `iface.net_ifacename`: `eth1`.
        package var networkInterface: String?
        /// `iface.hwaddress`
        package var hardwareAddress: String?
        /// `iface.ipaddress`
        package var address: String?
        /// `iface.initiatorname`, where it is not the host's.
        package var initiatorName: ISCSIName?

        package init(
            name: String, transport: String? = nil, networkInterface: String? = nil, hardwareAddress: String? = nil, address: String? = nil,
            initiatorName: ISCSIName? = nil
        ) {
            self.name = name
            self.transport = transport
            self.networkInterface = networkInterface
            self.hardwareAddress = hardwareAddress
            self.address = address
            self.initiatorName = initiatorName
        }
    }
}

extension Inventory.ISCSIInterface: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("transport", transport)
            writer.member("networkInterface", networkInterface)
            writer.member("hardwareAddress", hardwareAddress)
            writer.member("address", address)
            writer.member("initiatorName", initiatorName?.description)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        transport = try fields.optionalString("transport", maximumLength: 64)
        networkInterface = try fields.optionalString("networkInterface", maximumLength: 255)
        hardwareAddress = try fields.optionalString("hardwareAddress", maximumLength: 64)
        address = try fields.optionalString("address", maximumLength: 255)
        initiatorName = try fields.optionalParsed("initiatorName", expected: "an iSCSI name") { ISCSIName($0) }
    }
}
