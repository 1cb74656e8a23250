/// Values of text keys (RFC 7143 section 6.1).
package enum TextValue {
    /// `regular-numerical-value`: decimal, or hexadecimal behind `0x`; at most `limit`.
    package static func number(_ text: String, limit: UInt32 = .max) -> UInt32? {
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : Substring(text)
        guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ isHexadecimal ? digit($0) != nil : $0.isDigit }),
            let value = UInt32(digits, radix: isHexadecimal ? 16 : 10), value <= limit
        else { return nil }
        return value
    }

    /// `binary-value`: hexadecimal behind `0x`, Base64 (RFC 4648) behind `0b`; 1 to `limit` bytes. Digits that are missing in front are zeros.
    package static func binary(_ text: String, limit: Int) -> [UInt8]? {
        let digits = text.utf8.dropFirst(2)
        let bytes: [UInt8]?
        switch text.utf8.prefix(2).elementsEqual("0x".utf8) || text.utf8.prefix(2).elementsEqual("0X".utf8) {
        case true where digits.count <= 2 * limit: bytes = hexadecimal(digits)
        case false where text.hasPrefix("0b") || text.hasPrefix("0B"):
            bytes = digits.count <= (limit + 2) / 3 * 4 ? base64(digits) : nil
        default: bytes = nil
        }
        guard let bytes, (1...limit).contains(bytes.count) else { return nil }
        return bytes
    }

    /// `0x0102`
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "0"), UInt8(ascii: "x")]
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hexadecimal(_ digits: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8? = digits.count % 2 == 1 ? 0 : nil
        for character in digits {
            guard let value = digit(character) else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    /// With its padding, and with nothing in the bits that it leaves over.
    private static func base64(_ characters: Substring.UTF8View) -> [UInt8]? {
        guard characters.count % 4 == 0, !characters.isEmpty else { return nil }
        let padding = characters.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in characters.dropLast(padding) {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        guard bits & (1 << count - 1) == 0 else { return nil }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
