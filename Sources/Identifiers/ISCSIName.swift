/// The name of an iSCSI node, normalised (RFC 7143 section 4.2.7): at most 223 bytes, `iqn.`, `eui.` or `naa.`.
///
/// Prepared by the iSCSI profile of stringprep (RFC 3722): folded, normalised, and refused where it holds what the profile prohibits.
package struct ISCSIName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        // Preparation makes text shorter (a wide letter of three bytes becomes one), within bounds.
        guard text.utf8.count <= 1024, let folded = NamePreparation.prepare(text), (1...223).contains(folded.utf8.count) else { return nil }
        let valid: Bool
        if folded.hasPrefix("iqn.") {
            valid = Self.isQualifiedName(folded.dropFirst(4))
        } else if folded.hasPrefix("eui.") {
            valid = Self.isHexadecimal(folded.dropFirst(4), lengths: [16])
        } else if folded.hasPrefix("naa.") {
            valid = Self.isHexadecimal(folded.dropFirst(4), lengths: [16, 32])
        } else {
            valid = false
        }
        guard valid else { return nil }
        description = folded
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    /// `yyyy-mm.reversed-domain[:anything]`
    private static func isQualifiedName(_ name: Substring) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count >= 9, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "."),
            bytes[0..<4].allSatisfy(isDigit), bytes[5..<7].allSatisfy(isDigit),
            let month = Int(String(decoding: bytes[5..<7], as: UTF8.self)), (1...12).contains(month)
        else { return false }
        return true
    }

    private static func isHexadecimal(_ digits: Substring, lengths: [Int]) -> Bool {
        lengths.contains(digits.utf8.count) && digits.utf8.allSatisfy(\.isHexadecimalDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
