/// The SHA-256 of a public key's DER SubjectPublicKeyInfo: who somebody is on a pad.
///
/// Printed as `SHA256:` and unpadded base64; in file names and messages as 64 lower-case hexadecimal digits.
package struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// `SHA256:` and 43 characters of base64, or 64 hexadecimal digits.
    package init?(_ text: String) {
        if text.hasPrefix("SHA256:") {
            guard let decoded = Self.decodeBase64(text.dropFirst(7)), decoded.count == 32 else { return nil }
            bytes = decoded
        } else {
            guard let decoded = Self.decodeHexadecimal(text) else { return nil }
            bytes = decoded
        }
    }

    /// 64 lower-case digits.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    package var description: String {
        var text = "SHA256:"
        var index = 0
        while index < bytes.count {
            let first = UInt32(bytes[index])
            let second = index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
            let third = index + 2 < bytes.count ? UInt32(bytes[index + 2]) : 0
            let group = first << 16 | second << 8 | third
            let count = min(3, bytes.count - index) + 1
            for place in 0..<count {
                text.unicodeScalars.append(Unicode.Scalar(Self.alphabet[Int(group >> (18 - 6 * UInt32(place)) & 63)]))
            }
            index += 3
        }
        return text
    }

    package static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func decodeHexadecimal(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count == 64, characters.allSatisfy(\.isHexadecimalDigit) else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(String(decoding: characters[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0 }
    }

    private static func decodeBase64(_ text: Substring) -> [UInt8]? {
        let characters = text.utf8.filter { $0 != UInt8(ascii: "=") }
        guard characters.count == 43 else { return nil }
        var bits: UInt32 = 0
        var count = 0
        var result: [UInt8] = []
        for character in characters {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(bits >> UInt32(count) & 0xFF))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bits == 0 ? result : nil
    }
}
