import ISCSI

/// What is to be discovered, and how.
package struct DiscoveryRequest: Sendable {
    /// Whether targets are asked for the authentication they want, by a connection to each.
    package enum AuthenticationCheck: String, Sendable, CaseIterable {
        /// Those of portals that list up to `automaticChecks` targets.
        case auto
        case all, none
    }

    /// A portal that lists more targets has them asked only if all are to be: it would be as many connections.
    package static let automaticChecks = 128

    package var ranges: [AddressRange] = []
    package var scanPort = ISCSIPort.target
    package var portals: [PortalAddress] = []
    package var servers: [PortalAddress] = []
    /// Interfaces to go out by, one after the other; empty leaves that to the routes.
    package var interfaces: [NetworkInterface] = []
    /// The ranges are those interfaces' networks: each is scanned by its own.
    package var scansOwnNetworks = false
    package var initiator: InitiatorIdentity
    /// Of discovery sessions, not of others.
    package var credentials: CHAPCredentials?
    package var authenticationCheck = AuthenticationCheck.auto
    package var limits = ScanLimits()
    /// For a name server.
    package var resolution = Duration.seconds(10)

    package init(initiator: InitiatorIdentity) { self.initiator = initiator }

    /// To be scanned too. No address is tried twice because two networks have it.
    package mutating func add(_ range: AddressRange) {
        guard !ranges.contains(where: { $0.contains(range) }) else { return }
        ranges.removeAll(where: range.contains)
        ranges.append(range)
    }

    /// Of the scan, over all interfaces.
    package var addressCount: Int { ranges.reduce(0) { $0 + $1.count * scan.ways(to: $1) } }

    var scan: ScanCursor {
        ScanCursor(ranges: ranges, interfaces: interfaces, port: scanPort, isEachItsOwn: scansOwnNetworks)
    }
}
