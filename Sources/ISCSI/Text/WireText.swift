/// What a peer sent, as it may be printed: short, on one line, and without control characters that a terminal would obey.
package enum WireText {
    /// At most `limit` bytes of UTF-8, of which what is no text is shown as `\x1b`; `…` stands for the rest.
    package static func excerpt(_ bytes: some Collection<UInt8>, limit: Int = 64) -> String {
        let isCut = bytes.count > limit
        // Nearly all that is sent: printed as it is.
        if !isCut, bytes.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) { return String(decoding: bytes, as: UTF8.self) }
        var text = ""
        for character in String(decoding: bytes.prefix(limit), as: UTF8.self).unicodeScalars {
            // Control characters, those that turn the direction of what follows, and those that nobody sees.
            switch character.value {
            case 0x20..<0x7F: text.unicodeScalars.append(character)
            case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFFD,
                _ where character.properties.isDefaultIgnorableCodePoint:
                text += "\\x\(hexadecimal(character.value))"
            default: text.unicodeScalars.append(character)
            }
        }
        return isCut ? text + "…" : text
    }

    package static func excerpt(_ text: String, limit: Int = 64) -> String { excerpt(text.utf8, limit: limit) }

    /// `0x53`
    package static func hexadecimal(_ byte: UInt8) -> String { "0x\(hexadecimal(UInt32(byte)))" }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return digits.utf8.count < 2 ? "0\(digits)" : digits
    }
}
