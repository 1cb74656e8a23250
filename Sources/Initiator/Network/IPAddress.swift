import Glibc

/// An IPv4 or IPv6 address. Those of one family are ordered as numbers, and IPv4 comes first.
package struct IPAddress: Hashable, Sendable, Comparable {
    package enum Family: UInt8, Sendable { case version4 = 4, version6 = 6 }

    package let family: Family
    /// The upper 64 bits of an IPv6 address; 0 of IPv4.
    package let high: UInt64
    /// The lower 64 bits; of IPv4 all there are, 0 to 2^32 - 1.
    package let low: UInt64

    package init(version4 number: UInt32) { (family, high, low) = (.version4, 0, UInt64(number)) }
    package init(version6 high: UInt64, _ low: UInt64) { (family, self.high, self.low) = (.version6, high, low) }

    /// `192.0.2.1`, `2001:db8::1`, as inet_pton(3) reads them: no brackets, no zone, no leading zeros of IPv4. An IPv4 address
    /// in IPv6's clothes (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2) is IPv4.
    package init?(_ text: String) {
        // inet_pton would stop at a zero byte, and call what stands before it the whole.
        guard !text.utf8.contains(0), text.utf8.count <= 45 else { return nil }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(version4: UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self.init(six)
    }

    init(_ six: in6_addr) {
        let (high, low) = withUnsafeBytes(of: six) {
            (UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)), UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
        if high == 0, low >> 32 == 0xFFFF {
            self.init(version4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(version6: high, low)
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.family.rawValue, left.high, left.low) < (right.family.rawValue, right.high, right.low)
    }

    /// `127.0.0.0/8` or `::1`: this host.
    package var isLoopback: Bool {
        family == .version4 ? low >> 24 == 127 : high == 0 && low == 1
    }

    /// `fe80::/10` (RFC 4291 section 2.5.6): good on one link only, which an interface names.
    package var isLinkLocal: Bool { family == .version6 && high >> 54 == 0xFE80 >> 6 }
}

extension IPAddress: CustomStringConvertible {
    /// Without brackets; IPv6 as RFC 5952 writes it.
    package var description: String {
        if family == .version4 { return "\(low >> 24).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)" }
        var six = in6_addr(self)
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &six, &buffer, socklen_t(buffer.count)) != nil else { return "::" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension in6_addr {
    init(_ address: IPAddress) {
        self.init()
        withUnsafeMutableBytes(of: &self) {
            $0.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }
}
