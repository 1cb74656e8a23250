/// A Fibre Channel port or node name: 64 bits (FC-FS, INCITS 545).
///
/// Printed as `50:06:01:60:3b:a0:12:34`. Read with or without colons or hyphens, with or without `0x` or `naa.`, in either case.
package struct WWN: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    package init?(_ text: String) {
        var rest = Substring(text)
        for prefix in ["0x", "0X", "naa.", "NAA."] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.utf8.count)
            break
        }
        let separated = rest.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-") }
        if separated {
            let parts = rest.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
            guard parts.count == 8, parts.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
            rest = Substring(parts.joined())
        }
        guard rest.utf8.count == 16, rest.utf8.allSatisfy(\.isHexadecimalDigit), let value = UInt64(rest, radix: 16) else {
            return nil
        }
        self.value = value
    }

    package var description: String {
        String(unsafeUninitializedCapacity: 23) { characters in
            for index in 0..<8 {
                let byte = UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64(index)))
                if index > 0 { characters[index * 3 - 1] = UInt8(ascii: ":") }
                characters[index * 3] = Self.digit(byte >> 4)
                characters[index * 3 + 1] = Self.digit(byte & 15)
            }
            return 23
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }

    package static func < (left: WWN, right: WWN) -> Bool { left.value < right.value }
}

extension UInt8 {
    package var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}
