import Glibc

/// Where a portal (or an iSNS server) is: host and TCP port, `192.0.2.1:3260`, `[2001:db8::1]:3260`, `array.example:3260`.
///
/// Read from what a person types and from TargetAddress (RFC 7143 section 13.8); printed with brackets and port, IPv6 as RFC 5952 wants it.
package struct PortalAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package enum Host: Hashable, Sendable {
        /// Network byte order.
        case ipv4(UInt32)
        /// 16 bytes; the zone (an interface's name) for link-local addresses.
        case ipv6([UInt8], zone: String?)
        /// A DNS name in lower case.
        case name(String)
    }

    package let host: Host
    package let port: UInt16

    package init(host: Host, port: UInt16 = ISCSIPort.target) {
        self.host = host
        self.port = port
    }

    /// An IPv6 address needs brackets where a port follows; without one it may stand alone.
    package init?(_ text: String, defaultPort: UInt16 = ISCSIPort.target) {
        guard (1...300).contains(text.utf8.count) else { return nil }
        // Nearly all are IPv4, which is told by its bytes.
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        if let address = Host(ipv4: text[..<(colon ?? text.endIndex)]) {
            guard let number = colon.map({ Self.port(text[text.utf8.index(after: $0)...]) }) ?? defaultPort else { return nil }
            self.init(host: address, port: number)
            return
        }
        var host = Substring(text)
        var port = defaultPort
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
            guard let address = Host(ipv6: host) else { return nil }
            self.init(host: address, port: port)
            return
        }
        if let address = Host(ipv6: host) {
            self.init(host: address, port: port)
            return
        }
        if let colon = host.firstIndex(of: ":") {
            guard let number = Self.port(host[host.index(after: colon)...]) else { return nil }
            port = number
            host = host[..<colon]
        }
        guard let address = Host(name: host) else { return nil }
        self.init(host: address, port: port)
    }

    package var description: String {
        switch host {
        case .ipv4, .name: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        }
    }

    /// IPv4 by number, then IPv6, then names.
    package static func < (left: Self, right: Self) -> Bool {
        left.host == right.host ? left.port < right.port : left.host < right.host
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit), let number = UInt16(text), number > 0 else { return nil }
        return number
    }
}

extension PortalAddress.Host: CustomStringConvertible, Comparable {
    /// Dotted, four decimal numbers without leading zeros, which some read as octal.
    package init?(ipv4 text: Substring) {
        var (value, byte): (UInt32, UInt32) = (0, 0)
        var (dots, digits) = (0, 0)
        for character in text.utf8 {
            if character == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                (value, byte, dots, digits) = (value << 8 | byte, 0, dots + 1, 0)
                continue
            }
            guard character.isDigit, digits == 0 || byte > 0 else { return nil }
            byte = byte * 10 + UInt32(character - UInt8(ascii: "0"))
            digits += 1
            guard byte < 256 else { return nil }
        }
        guard dots == 3, digits > 0 else { return nil }
        self = .ipv4(value << 8 | byte)
    }

    /// Without brackets, with or without `%zone`.
    package init?(ipv6 text: Substring) {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, address.utf8.contains(UInt8(ascii: ":")), address.utf8.count <= 45 else { return nil }
        var zone: String?
        if parts.count == 2 {
            // An interface's name (dev_valid_name of the kernel's net/core/dev.c: no slash, colon or space, 15 bytes), without what ends an address.
            guard (1...15).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/:[],%".utf8.contains($0) })
            else { return nil }
            zone = String(parts[1])
        }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(address), &bytes) == 1 else { return nil }
        self = .ipv6(bytes, zone: zone)
    }

    /// Letters, digits, hyphens, underscores and dots, 253 bytes at most, not all numbers: `10.0.1` is a slip, not a name.
    package init?(name text: Substring) {
        var name = text.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(name.utf8.count), let last = labels.last, !last.utf8.allSatisfy(\.isDigit),
            labels.allSatisfy({ label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { $0.isDigit || $0.isLowercase || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
            })
        else { return nil }
        self = .name(name)
    }

    package var description: String {
        switch self {
        case .ipv4(let value): return Self.dotted(value)
        case .ipv6(let bytes, let zone):
            var text = [CChar](repeating: 0, count: 46)
            guard bytes.count == 16, inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "::" }
            let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return zone.map { "\(address)%\($0)" } ?? address
        case .name(let name): return name
        }
    }

    private static func dotted(_ value: UInt32) -> String {
        String(unsafeUninitializedCapacity: 15) { bytes in
            var place = 0
            func append(_ byte: UInt32) {
                bytes[place] = UInt8(truncatingIfNeeded: byte)
                place += 1
            }
            for shift in [24, 16, 8, 0] as [UInt32] {
                let number = value >> shift & 255
                if number >= 100 { append(0x30 + number / 100) }
                if number >= 10 { append(0x30 + number / 10 % 10) }
                append(0x30 + number % 10)
                if shift > 0 { append(0x2E) }
            }
            return place
        }
    }

    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.ipv4(let left), .ipv4(let right)): left < right
        case (.ipv6(let left, let leftZone), .ipv6(let right, let rightZone)):
            left == right ? (leftZone ?? "") < (rightZone ?? "") : left.lexicographicallyPrecedes(right)
        case (.name(let left), .name(let right)): left < right
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .ipv4: 0
        case .ipv6: 1
        case .name: 2
        }
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
