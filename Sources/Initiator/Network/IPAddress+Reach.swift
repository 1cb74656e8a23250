/// How far an address reaches: who is meant by it depends, but for those of networks, on who reads it.
///
/// Nobody is followed from a network to an address of another kind: a portal, or who poses as one, would have this host speak to its own services, or to
/// what it finds on its link.
package enum AddressReach: Sendable, Equatable {
    case network
    /// 127.0.0.0/8 and ::1, and what a connection takes for them: 0.0.0.0/8 and ::.
    case host
    /// 169.254.0.0/16 (RFC 3927) and fe80::/10.
    case link
    /// Multicast, and 255.255.255.255.
    case many
}

extension AddressReach: CustomStringConvertible {
    package var description: String {
        switch self {
        case .network: "another address"
        case .host: "this host itself"
        case .link: "an address that is good on one link only"
        case .many: "a multicast or broadcast address"
        }
    }
}

extension IPAddress {
    package var reach: AddressReach {
        guard family == .version6 else { return Self.reach(version4: low) }
        // IPv4 in IPv6's clothes (RFC 4291 section 2.5.5.2).
        if high == 0, low >> 32 == 0xFFFF { return Self.reach(version4: low & 0xFFFF_FFFF) }
        if high == 0, low <= 1 { return .host }
        if isLinkLocal { return .link }
        return high >> 56 == 0xFF ? .many : .network
    }

    private static func reach(version4 number: UInt64) -> AddressReach {
        switch number >> 24 {
        case 0, 127: .host
        case 169 where number >> 16 & 255 == 254: .link
        case 224..<240: .many
        case 255 where number == 0xFFFF_FFFF: .many
        default: .network
        }
    }

    /// Whether this host follows a portal (or an iSNS server) of this address to that one: on a network, or where both are of one kind.
    package func maySend(to other: IPAddress) -> Bool { other.reach == .network || other.reach == reach && reach != .many }
}
