import ISCSI
import Identifiers

/// What one connection of a discovery is for.
struct DiscoveryErrand: Sendable {
    enum Purpose: Sendable, Equatable {
        /// An address of the range of that index.
        case scan(range: Int)
        /// A portal that the user named.
        case portal
        /// An iSNS server that the user named.
        case server
        /// A target's security stage. `target` as it spells itself; `others` are portals of it, by a server's word, to try where this one
        /// cannot be reached.
        case probe(name: ISCSIName, target: String, others: [PortalAddress])
    }

    var purpose: Purpose
    /// Where it leads to now.
    var address: PortalAddress
    var interface: NetworkInterface?
    /// The name of the interface that the connection went out by, once it stood.
    var wentOutBy: String?
    /// Portals that sent it on, the first one first; nobody is named by a scan.
    var trail: [PortalAddress] = []
    /// Where the connection goes; nil until that is known.
    var socket: SocketAddress?
    /// Of the portal that sent it on, or of the server that named it: it goes only where that one may send it.
    var sender: IPAddress?
    /// Further addresses of the name that the user gave.
    var alternatives: [SocketAddress] = []
    /// Of an address of a scan: how often it was tried before.
    var attempts = 0
    /// A second attempt in another way (`Conversation.again`).
    var talk: DiscoveryTalk?

    /// What the user knows it by.
    var origin: PortalAddress { trail.first ?? address }
    var isNamed: Bool { purpose == .portal || purpose == .server }

    var source: FoundTarget.Source {
        switch purpose {
        case .scan: .scan
        case .portal, .probe: .portal
        case .server: .isns
        }
    }
}
