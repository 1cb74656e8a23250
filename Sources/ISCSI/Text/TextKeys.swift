import Glibc

/// The pairs of a login or text data segment (RFC 7143 section 6.1):
///
///     text  = *( key "=" value NUL )
///     key   = 1 to 63 bytes of letters, digits and . - + @ _
///     value = at most 8192 bytes without NUL
///
/// A missing last NUL and additional ones are passed over, as some targets count their padding.
package struct TextKeys: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        package let key: String
        /// UTF-8 if the sender keeps to the rules.
        package let value: ArraySlice<UInt8>

        /// The value, if it is text.
        package var text: String? { String(validating: value, as: UTF8.self) }
    }

    package static let longestKey = 63
    package static let longestValue = 8192

    package let pairs: [Pair]

    /// Throws `.violation` and `.tooMuch` (more than `limit` pairs).
    package init(_ bytes: [UInt8], limit: Int = 256) throws(ISCSIFault) {
        var pairs: [Pair] = []
        try bytes.withUnsafeBufferPointer { text throws(ISCSIFault) in
            try Self.forEach(in: text, limit: limit) { key, value throws(ISCSIFault) in
                pairs.append(Pair(key: String(decoding: text[key], as: UTF8.self), value: bytes[value]))
            }
        }
        self.pairs = pairs
    }

    /// Each pair in its turn, key and value as places in the text; none is kept. Throws as `init` does.
    static func forEach(
        in text: UnsafeBufferPointer<UInt8>, limit: Int, _ body: (_ key: Range<Int>, _ value: Range<Int>) throws(ISCSIFault) -> Void
    ) throws(ISCSIFault) {
        var (place, count) = (0, 0)
        while place < text.count {
            let start = place
            let end = self.place(of: 0, in: text, start..<text.count) ?? text.count
            place = end + 1
            if start == end { continue }
            guard let equals = self.place(of: UInt8(ascii: "="), in: text, start..<end) else {
                throw .violation(expected: "key=value", found: "the text \(WireText.excerpt(text[start..<end]))")
            }
            guard (1...longestKey).contains(equals - start), text[start..<equals].allSatisfy(isKeyCharacter) else {
                throw .violation(
                    expected: "a key of 1 to 63 letters, digits and . - + @ _", found: "the key \(WireText.excerpt(text[start..<equals]))")
            }
            guard end - equals - 1 <= longestValue else {
                throw .tooMuch(of: "bytes in the value of \(WireText.excerpt(text[start..<equals]))", limit: longestValue)
            }
            guard count < limit else { throw .tooMuch(of: "keys in one text", limit: limit) }
            count += 1
            try body(start..<equals, equals + 1..<end)
        }
    }

    private static func place(of byte: UInt8, in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
        guard let start = text.baseAddress, let found = memchr(start + range.lowerBound, Int32(byte), range.count) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    /// Of a negotiation, where a key stands once: refused where it stands twice (RFC 7143 section 6.2.3), or is no text.
    package func values() throws(ISCSIFault) -> [String: String] {
        var values: [String: String] = [:]
        for pair in pairs {
            guard let text = pair.text else {
                throw .violation(expected: "text in the value of \(pair.key)", found: WireText.excerpt(pair.value))
            }
            guard values.updateValue(text, forKey: pair.key) == nil else {
                throw .violation(expected: "each key once", found: "\(pair.key) twice")
            }
        }
        return values
    }

    package static func append(_ key: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += key.utf8
        bytes.append(UInt8(ascii: "="))
        bytes += value.utf8
        bytes.append(0)
    }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "@"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
