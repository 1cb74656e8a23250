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
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[end...].dropFirst()
            if pair.isEmpty { continue }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                throw .violation(expected: "key=value", found: "the text \(WireText.excerpt(pair))")
            }
            let key = pair[..<equals]
            guard (1...Self.longestKey).contains(key.count), key.allSatisfy(Self.isKeyCharacter) else {
                throw .violation(expected: "a key of 1 to 63 letters, digits and . - + @ _", found: "the key \(WireText.excerpt(key))")
            }
            let value = pair[equals...].dropFirst()
            guard value.count <= Self.longestValue else {
                throw .tooMuch(of: "bytes in the value of \(WireText.excerpt(key))", limit: Self.longestValue)
            }
            guard pairs.count < limit else { throw .tooMuch(of: "keys in one text", limit: limit) }
            pairs.append(Pair(key: String(decoding: key, as: UTF8.self), value: value))
        }
        self.pairs = pairs
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
