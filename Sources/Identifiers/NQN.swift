/// An NVMe qualified name (NVMe base specification 2.0, section 4.7): `nqn.yyyy-mm.reversed-domain:anything`, at most 223 bytes of UTF-8.
///
/// `nqn.2014.08.org.nvmexpress:…`, spaces included, is accepted as well: Linux gives that name to subsystems that have none of their own.
package struct NQN: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isMadeByLinux = text.hasPrefix("nqn.2014.08.org.nvmexpress:")
        guard (12...223).contains(bytes.count), text.hasPrefix("nqn."),
            bytes[8] == UInt8(ascii: "-") || isMadeByLinux, bytes[11] == UInt8(ascii: "."),
            (bytes[4..<8] + bytes[9..<11]).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            bytes.allSatisfy({ ($0 > 0x20 || $0 == 0x20 && isMadeByLinux) && $0 != 0x7F })
        else { return nil }
        description = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
