import CCrypto
import Identifiers
import StrictJSON

/// The SHA-256 of an inventory's canonical JSON without usage: equal for equal facts, whatever was written to the file systems meanwhile.
/// Printed as 64 lower-case hexadecimal digits.
///
/// It is the sender's name for its facts: whoever knows fewer fields than the sender computes another one, and keeps the sender's.
package struct InventoryDigest: Hashable, Sendable, CustomStringConvertible {
    package static let expected = "a SHA-256 of 64 hexadecimal digits"

    /// 32 bytes.
    package let bytes: [UInt8]

    package init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// The digest of canonical bytes.
    package init(of canonical: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 32)
        // One-shot SHA-256 fails only where libcrypto cannot allocate or has no SHA-256 at all: nothing can be signed then either.
        precondition(quartermaster_sha256(canonical, canonical.count, &digest) == 1, "libcrypto has no SHA-256")
        bytes = digest
    }

    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension Inventory {
    /// What says whether the facts changed since they were last sent.
    package var digest: InventoryDigest { InventoryDigest(of: withoutUsage.jsonBytes) }
}
