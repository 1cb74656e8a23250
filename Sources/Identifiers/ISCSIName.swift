/// The name of an iSCSI node, normalised (RFC 7143 section 4.2.7): at most 223 bytes, `iqn.`, `eui.` or `naa.`.
///
/// Prepared by the iSCSI profile of stringprep (RFC 3722): folded, normalised, and refused where it holds what the profile prohibits.
package struct ISCSIName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        // Preparation makes text shorter (a wide letter of three bytes becomes one), within bounds.
        guard text.utf8.count <= 1024, let folded = NamePreparation.prepare(text), (1...223).contains(folded.utf8.count) else { return nil }
        var name = folded
        guard name.withUTF8(Self.isName) else { return nil }
        description = folded
    }

    /// By bytes, as targets compare what was prepared; equal texts of Swift's may be other bytes.
    package static func == (left: Self, right: Self) -> Bool { left.description.utf8.elementsEqual(right.description.utf8) }

    package func hash(into hasher: inout Hasher) {
        var text = description
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// By bytes, which is by code points.
    package static func < (left: Self, right: Self) -> Bool { left.description.utf8.lexicographicallyPrecedes(right.description.utf8) }

    private static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst(4))
        if bytes.starts(with: "iqn.".utf8) { return isQualifiedName(rest) }
        if bytes.starts(with: "eui.".utf8) { return rest.count == 16 && rest.allSatisfy(\.isHexadecimalDigit) }
        if bytes.starts(with: "naa.".utf8) { return (rest.count == 16 || rest.count == 32) && rest.allSatisfy(\.isHexadecimalDigit) }
        return false
    }

    /// `yyyy-mm.reversed-domain[:anything]`
    private static func isQualifiedName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count >= 9, name[4] == UInt8(ascii: "-"), name[7] == UInt8(ascii: "."), name[..<4].allSatisfy(isDigit),
            isDigit(name[5]), isDigit(name[6])
        else { return false }
        return (1...12).contains((name[5] - UInt8(ascii: "0")) * 10 + name[6] - UInt8(ascii: "0"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
