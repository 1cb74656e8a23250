import Identifiers

/// A target as a portal or an iSNS server names it.
package struct DiscoveredTarget: Hashable, Sendable {
    /// Normalised: two spellings of one name are one target.
    package let name: ISCSIName
    /// As it was sent. A login must spell it so: some targets compare bytes.
    package let spelling: String
    /// In the order in which they were sent, each once. Empty where SendTargets named none: then it is reached where it was asked for
    /// (RFC 7143 appendix C).
    package var portals: [TargetPortal]
    /// Known from iSNS, or from the target's own login response.
    package var alias: String?

    package init(name: ISCSIName, spelling: String? = nil, portals: [TargetPortal] = [], alias: String? = nil) {
        self.name = name
        self.spelling = spelling ?? name.description
        self.portals = portals
        self.alias = alias
    }
}

/// One address of a target, and the portal group that it belongs to.
package struct TargetPortal: Hashable, Sendable, Comparable {
    package let address: PortalAddress
    /// 0 to 65535; nil where it was not told.
    package let groupTag: UInt16?

    package init(address: PortalAddress, groupTag: UInt16?) {
        self.address = address
        self.groupTag = groupTag
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.address == right.address ? (left.groupTag ?? 0) < (right.groupTag ?? 0) : left.address < right.address
    }
}

/// What a peer listed and this host cannot use: a name or address that is none. It spoils nothing else of the list.
package struct UnusableEntry: Hashable, Sendable {
    /// An excerpt without control characters.
    package let text: String
    package let expected: String

    package init(text: String, expected: String) {
        self.text = text
        self.expected = expected
    }
}
