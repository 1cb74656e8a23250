import Identifiers
import StrictJSON

extension Inventory {
    /// An iSCSI session (sysfs: class/iscsi_session) with its connections.
    package struct Session: InventoryEntry {
        /// The kernel's: `session1`.
        package var name: String
        /// The SCSI host that it is on: `host7`.
        package var host: String?
        package var target: ISCSIName?
        /// This host's name in the session.
        package var initiator: ISCSIName?
        package var targetPortalGroupTag: Int64?
        /// In the kernel's words: `LOGGED_IN`, `FAILED`, `FREE`.
        package var state: String?
        package var authentication: Authentication
        /// open-iscsi's: `default`, `iface0`.
        package var interface: String?
        /// Of each connection, by its number.
        package var portals: [Portal]

        /// The target's end of a connection.
        package struct Portal: Hashable, Sendable {
            /// An IP address, without brackets.
            package var address: String
            package var port: Int64?
            /// In the kernel's words: `up`, `failed`; kernels before 5.8 do not say.
            package var state: String?

            package init(address: String, port: Int64? = nil, state: String? = nil) {
                self.address = address
                self.port = port
                self.state = state
            }
        }

        package init(
            name: String, host: String? = nil, target: ISCSIName? = nil, initiator: ISCSIName? = nil, targetPortalGroupTag: Int64? = nil,
            state: String? = nil, authentication: Authentication = .unknown, interface: String? = nil, portals: [Portal] = []
        ) {
            self.name = name
            self.host = host
            self.target = target
            self.initiator = initiator
            self.targetPortalGroupTag = targetPortalGroupTag
            self.state = state
            self.authentication = authentication
            self.interface = interface
            self.portals = portals
        }

        package var key: String { name }
    }
}

extension Inventory.Session: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("host", host)
            writer.member("target", target?.description)
            writer.member("initiator", initiator?.description)
            writer.member("targetPortalGroupTag", targetPortalGroupTag)
            writer.member("state", state)
            writer.member("authentication", authentication.rawValue)
            writer.member("interface", interface)
            writer.member("portals", array: portals)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        host = try fields.optionalString("host", maximumLength: 255)
        target = try fields.optionalParsed("target", expected: "an iSCSI name") { ISCSIName($0) }
        initiator = try fields.optionalParsed("initiator", expected: "an iSCSI name") { ISCSIName($0) }
        targetPortalGroupTag = try fields.optionalInteger("targetPortalGroupTag")
        state = try fields.optionalString("state", maximumLength: 64)
        authentication = try fields.parsed("authentication", expected: Inventory.Authentication.expected) {
            Inventory.Authentication(rawValue: $0)
        }
        interface = try fields.optionalString("interface", maximumLength: 255)
        portals = try fields.objects("portals", maximumCount: 1024) { (portal) throws(JSONError) in try Portal(json: portal) }
    }
}

extension Inventory.Session.Portal: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", address)
            writer.member("port", port)
            writer.member("state", state)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        address = try fields.string("address", maximumLength: 255)
        port = try fields.optionalInteger("port", in: 0...65_535)
        state = try fields.optionalString("state", maximumLength: 64)
    }
}
