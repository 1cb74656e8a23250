/// The addresses of a network in CIDR's spelling (RFC 4632): `192.0.2.0/24`, `192.0.2.7` for one; of IPv6 single addresses only.
///
/// All of a network's addresses are scanned, its first and last too: storage networks are routed, and there are targets at `.0`.
package struct AddressRange: Hashable, Sendable {
    /// A network of more bits of host part than this is too large to be scanned at all.
    package static let largestHostBits = 16

    package let first: IPAddress
    /// Of the host part: 0 for one address.
    package let hostBits: Int

    package enum Fault: Error, Equatable, Sendable {
        /// Neither an address nor a network.
        case malformed(String)
        /// More than a /16.
        case tooLarge(String, addresses: UInt64)
        /// IPv6 networks have more addresses than anybody can try.
        case version6Network(String)
    }

    package init(_ address: IPAddress, hostBits: Int = 0) {
        // Bits of the host part that are set say which network is meant, as `ip route` has it.
        let mask = address.family == .version4 ? UInt64(UInt32.max) << UInt64(hostBits) & UInt64(UInt32.max) : UInt64.max
        first = address.family == .version4 ? IPAddress(version4: UInt32(truncatingIfNeeded: address.low & mask)) : address
        self.hostBits = address.family == .version4 ? hostBits : 0
    }

    package init(parsing text: String) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { throw .malformed(text) }
        let width = address.family == .version4 ? 32 : 128
        var prefix = width
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                given <= width
            else { throw .malformed(text) }
            prefix = given
        }
        if address.family == .version6, prefix != 128 { throw .version6Network(text) }
        let hostBits = width - prefix
        guard hostBits <= Self.largestHostBits else { throw .tooLarge(text, addresses: 1 << UInt64(hostBits)) }
        self.init(address, hostBits: hostBits)
    }

    /// Two networks lie one within the other, or apart.
    func contains(_ other: AddressRange) -> Bool { other.hostBits <= hostBits && AddressRange(other.first, hostBits: hostBits) == self }

    package var count: Int { 1 << hostBits }

    /// The address so many after the first.
    package subscript(offset: Int) -> IPAddress {
        first.family == .version4 ? IPAddress(version4: UInt32(truncatingIfNeeded: first.low) &+ UInt32(truncatingIfNeeded: offset)) : first
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String { hostBits == 0 ? first.description : "\(first)/\(32 - hostBits)" }
}

extension AddressRange.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let text): "\"\(text)\" is no network; expected one like 192.0.2.0/24, or an address"
        case .tooLarge(let text, let addresses):
            "\(text) has \(addresses) addresses; at most a /16 (65536) is scanned: name the part of it that holds storage"
        case .version6Network(let text): "\(text) is an IPv6 network, which is too large to be scanned; name its addresses one by one"
        }
    }
}
