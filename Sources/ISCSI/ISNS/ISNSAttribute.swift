/// One attribute (RFC 4171 section 5.1.4): tag and length, 32 bits each, then the value, padded to 4 bytes.
///
/// Text ends with a NUL, and is padded with more of them. An empty value asks for the attribute in a query.
package struct ISNSAttribute: Sendable, Equatable {
    package enum Tag {
        package static let delimiter: UInt32 = 0
        package static let entityIdentifier: UInt32 = 1
        package static let entityProtocol: UInt32 = 2
        package static let registrationPeriod: UInt32 = 6
        package static let portalAddress: UInt32 = 16
        package static let portalPort: UInt32 = 17
        package static let iscsiName: UInt32 = 32
        package static let nodeType: UInt32 = 33
        package static let alias: UInt32 = 34
        package static let groupName: UInt32 = 48
        package static let groupAddress: UInt32 = 49
        package static let groupPort: UInt32 = 50
        package static let groupTag: UInt32 = 51
    }

    package static let mostAttributes = 1 << 19

    package let tag: UInt32
    package let value: ArraySlice<UInt8>

    package init(_ tag: UInt32, _ value: ArraySlice<UInt8> = []) {
        self.tag = tag
        self.value = value
    }

    package init(_ tag: UInt32, number: UInt32) {
        self.init(tag, [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)])
    }

    package init(_ tag: UInt32, text: String) {
        let bytes = Array(text.utf8) + [0]
        self.init(tag, bytes[...] + [UInt8](repeating: 0, count: -bytes.count & 3))
    }

    package init(_ tag: UInt32, address: PortalAddress.Host) {
        switch address {
        case .ipv4(let value):
            self.init(tag, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + ISNSAttribute(tag, number: value).value)
        case .ipv6(let bytes, _): self.init(tag, bytes[...])
        // Names have no place here.
        case .name: self.init(tag)
        }
    }

    /// Four bytes; nil for any other length.
    package var number: UInt32? { value.count == 4 ? value.reduce(0) { $0 << 8 | UInt32($1) } : nil }

    /// Up to its first NUL, as bytes.
    package var textBytes: ArraySlice<UInt8> { value.prefix { $0 != 0 } }

    package var text: String? { String(validating: textBytes, as: UTF8.self) }

    /// 16 bytes of IPv6; IPv4 stands in them as `::ffff:a.b.c.d` or, with some servers, as `::a.b.c.d`.
    package var address: PortalAddress.Host? {
        guard value.count == 16 else { return nil }
        let bytes = Array(value)
        let prefix = bytes[..<12]
        let isMapped = prefix.dropLast(2).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        // `::` and `::1` are addresses of IPv6.
        let isCompatible = prefix.allSatisfy { $0 == 0 } && bytes[12] != 0
        guard isMapped || isCompatible else { return .ipv6(bytes, zone: nil) }
        return .ipv4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// A TCP port; nil for UDP, for 0 and for what is no port.
    package var port: UInt16? {
        guard let number, number & 0xFFFF != 0, number & 0x1_0000 == 0 else { return nil }
        return UInt16(truncatingIfNeeded: number)
    }

    package func append(to output: inout [UInt8]) {
        for number in [tag, UInt32(value.count)] {
            output += [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
        }
        output += value
        output += [UInt8](repeating: 0, count: -value.count & 3)
    }

    /// All of a payload. Throws `.violation` where a length leads out of it, and `.tooMuch`.
    package static func parse(_ bytes: ArraySlice<UInt8>) throws(ISCSIFault) -> [ISNSAttribute] {
        let (attributes, isWhole) = try read(bytes)
        guard isWhole else { throw .tooMuch(of: "attributes of one message", limit: mostAttributes) }
        return attributes
    }

    /// Up to the bound. Of a payload that was `cut`, as far as attributes are whole. Throws `.violation`.
    static func read(_ bytes: ArraySlice<UInt8>, cut: Bool = false) throws(ISCSIFault) -> (attributes: [ISNSAttribute], isWhole: Bool) {
        var attributes: [ISNSAttribute] = []
        var rest = bytes
        while !rest.isEmpty {
            guard rest.count >= 8 else {
                if cut { break }
                throw .violation(expected: "a tag and a length", found: "\(rest.count) bytes")
            }
            let (tag, length) = (word(rest), word(rest.dropFirst(4)))
            rest = rest.dropFirst(8)
            guard length <= UInt32(rest.count) else {
                if cut { break }
                throw .violation(expected: "\(length) bytes of attribute \(tag)", found: "\(rest.count) bytes until the end")
            }
            guard attributes.count < mostAttributes else { return (attributes, false) }
            attributes.append(ISNSAttribute(tag, rest.prefix(Int(length))))
            rest = rest.dropFirst((Int(length) + 3) & ~3)
        }
        return (attributes, true)
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
}
