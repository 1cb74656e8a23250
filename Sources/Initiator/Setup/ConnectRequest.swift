import ISCSI
import Identifiers

/// What somebody wants connected, and how.
package struct ConnectRequest: Sendable {
    package enum Startup: String, Sendable, CaseIterable { case automatic, manual }
    package enum Digest: String, Sendable, CaseIterable {
        case none = "None"
        case crc32c = "CRC32C"
        case preferred = "CRC32C,None"
    }

    package var target: ISCSIName
    /// Where it is asked for; empty takes the portals of the records.
    package var portals: [PortalAddress]
    /// All that the target names, in place of those that are given.
    package var allPortals = false
    /// A record of `ifaces`, or a network device.
    package var interface = "default"
    package var credentials: CHAPCredentials?
    /// Those of discovery sessions.
    package var discoveryCredentials: CHAPCredentials?
    /// Nil leaves a record as it is (`onboot` is the firmware's, of the root disk), and makes a new one automatic.
    package var startup: Startup?
    package var headerDigest: Digest?
    package var dataDigest: Digest?
    /// To each portal.
    package var sessions: Int?
    package var expectedWWIDs: [WWID] = []
    package var expectsMultipath = true
    package var deadline = Duration.seconds(60)

    package init(target: ISCSIName, portals: [PortalAddress]) {
        self.target = target
        self.portals = portals
    }
}
