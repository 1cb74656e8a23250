import Identifiers
import StrictJSON

/// An entry of `port.list`: a target port. An FC port has a `wwpn`, an iSCSI port an `iqn` and portals, an NVMe port an `nqn` in `iqn`'s place.
package struct PluginPort: Equatable, Sendable, JSONReadable, JSONWritable {
    package enum Transport: String, Sendable { case fc, iscsi, nvme }

    package var portID: PortID
    package var transport: Transport
    package var wwpn: WWN?
    package var iqn: ISCSIName?
    package var nqn: NQN?
    /// `address:port`, IPv6 addresses in brackets.
    package var portals: [String]
    /// 0 to 65535 (RFC 7143, section 13.9).
    package var portalGroupTag: Int64?
    package var speedBitsPerSecond: Int64?
    package var state: String
    /// `none`, `chap`, `mutual-chap` or another word of the system's.
    package var authentication: String?

    package init(
        portID: PortID, transport: Transport, wwpn: WWN? = nil, iqn: ISCSIName? = nil, nqn: NQN? = nil, portals: [String] = [],
        portalGroupTag: Int64? = nil, speedBitsPerSecond: Int64? = nil, state: String, authentication: String? = nil
    ) {
        self.portID = portID
        self.transport = transport
        self.wwpn = wwpn
        self.iqn = iqn
        self.nqn = nqn
        self.portals = portals
        self.portalGroupTag = portalGroupTag
        self.speedBitsPerSecond = speedBitsPerSecond
        self.state = state
        self.authentication = authentication
    }

    package init(json: JSONFields) throws(JSONError) {
        portID = try json.id("portID")
        transport = try json.parsed("transport", expected: "fc, iscsi or nvme") { Transport(rawValue: $0) }
        wwpn = try json.optionalParsed("wwpn", expected: "a WWN") { WWN($0) }
        iqn = try json.optionalParsed("iqn", expected: "an iSCSI name") { ISCSIName($0) }
        nqn = try json.optionalParsed("nqn", expected: "an NVMe qualified name") { NQN($0) }
        portals = try json.strings("portals", maximumCount: 4096, maximumLength: 256)
        for (index, portal) in portals.enumerated() where !Self.isPortal(portal) {
            throw .wrongType(path: "\(json.path("portals"))[\(index)]", expected: "address:port, an IPv6 address in brackets")
        }
        portalGroupTag = try json.optionalInteger("portalGroupTag", in: 0...65535)
        speedBitsPerSecond = try json.optionalInteger("speedBitsPerSecond")
        state = try json.text("state", default: "unknown")
        authentication = try json.optionalText("authentication")
        switch transport {
        case .fc where wwpn == nil: throw .missing(path: json.path("wwpn"))
        case .iscsi where iqn == nil: throw .missing(path: json.path("iqn"))
        default: break
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("portID", portID.text)
            writer.member("transport", transport.rawValue)
            writer.member("wwpn", wwpn?.description)
            writer.member("iqn", iqn?.description)
            writer.member("nqn", nqn?.description)
            if !portals.isEmpty { writer.member("portals", strings: portals) }
            writer.member("portalGroupTag", portalGroupTag)
            writer.member("speedBitsPerSecond", speedBitsPerSecond)
            writer.member("state", state)
            writer.member("authentication", authentication)
        }
    }

    /// `10.0.0.1:3260`, `[fe80::1]:3260`, `array.example:3260`.
    package static func isPortal(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return false }
        let address = text[..<colon]
        guard !address.isEmpty, address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        return address.contains(":") ? address.hasPrefix("[") && address.hasSuffix("]") : true
    }
}
