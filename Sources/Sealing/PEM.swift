import CCrypto

/// Textual encoding (RFC 7468): blocks of base64 between lines that name what they hold.
enum PEM {
    static func text(_ label: String, _ der: [UInt8]) -> [UInt8] {
        var lines = "-----BEGIN \(label)-----\n"
        var rest = Substring(encode(der))
        while !rest.isEmpty {
            lines += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return Array((lines + "-----END \(label)-----\n").utf8)
    }

    /// The DER of each block of that label, in order; at most 16.
    static func blocks(_ label: String, in text: [UInt8]) throws(SealingError) -> [[UInt8]] {
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        var blocks: [[UInt8]] = []
        var current: String?
        for line in lines {
            if line == "-----BEGIN \(label)-----" {
                current = ""
            } else if line == "-----END \(label)-----" {
                guard let body = current, let der = decode(body), blocks.count < 16 else {
                    throw .shape(offset: 0, expected: "at most 16 blocks of base64 named \(label)")
                }
                blocks.append(der)
                current = nil
            } else if current != nil {
                current? += line
            }
        }
        return blocks
    }

    /// Base64 with padding.
    static func encode(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = quartermaster_base64_encode(bytes, bytes.count, &text)
        // Fails only for more than a gibibyte.
        precondition(count >= 0, "base64 of \(bytes.count) bytes")
        return String(decoding: text[..<Int(count)], as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        let padding = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard characters.count % 4 == 0, characters.count < 1 << 20,
            characters.dropLast(padding).allSatisfy({ $0.isBase64 })
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: characters.count / 4 * 3 + 1)
        let count = quartermaster_base64_decode(characters, characters.count, &bytes)
        guard count >= padding else { return nil }
        return Array(bytes[..<(Int(count) - padding)])
    }
}

extension UInt8 {
    fileprivate var isBase64: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
