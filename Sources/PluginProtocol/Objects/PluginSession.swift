import Identifiers
import StrictJSON

/// An entry of `session.list`: who is logged in at a port now.
package struct PluginSession: Equatable, Hashable, Sendable, JSONReadable, JSONWritable {
    package var initiator: InitiatorName
    package var portID: PortID
    package var since: Timestamp?
    /// Where the initiator comes from, e.g. its IP address.
    package var address: String?

    package init(initiator: InitiatorName, portID: PortID, since: Timestamp? = nil, address: String? = nil) {
        self.initiator = initiator
        self.portID = portID
        self.since = since
        self.address = address
    }

    package init(json: JSONFields) throws(JSONError) {
        initiator = try json.parsed("initiator", expected: "a WWPN, an IQN or an NQN") { InitiatorName($0) }
        portID = try json.id("portID")
        since = try json.optionalParsed("since", expected: "an RFC 3339 time") { Timestamp($0) }
        address = try json.optionalText("address")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("initiator", initiator.description)
            writer.member("portID", portID.text)
            writer.member("since", since?.description)
            writer.member("address", address)
        }
    }
}
