/// Appends JSON to bytes, with no white space. Members stand in the order in which they are written, so that a type
/// that always writes them in one order gives equal bytes for equal values: that order is its canonical form.
package struct JSONWriter: Sendable {
    /// What was written stands at its start; behind that is room.
    private var buffer: [UInt8]
    private var count = 0
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 0) { buffer = Array(repeating: 0, count: capacity) }

    package var bytes: [UInt8] { count == buffer.count ? buffer : Array(buffer[..<count]) }

    package mutating func object(_ body: (inout JSONWriter) -> Void) { enclose("{", "}", body) }

    package mutating func array(_ body: (inout JSONWriter) -> Void) { enclose("[", "]", body) }

    /// Of an array, not of any sequence: what an unknown one iterates with is looked up at run time, which takes longer than writing a short list.
    package mutating func array<Element>(_ elements: [Element], _ each: (inout JSONWriter, Element) -> Void) {
        array { writer in for element in elements { each(&writer, element) } }
    }

    /// A key; the next call writes its value.
    package mutating func key(_ key: String) {
        quote(key, end: UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) { quote(text, end: nil) }

    /// The text in quotes, after a comma where one is due, and `end` behind it.
    private mutating func quote(_ text: String, end: UInt8?) {
        separate()
        var text = text
        text.withUTF8 { utf8 in
            // Nearly all text needs no escape: it is appended in one piece.
            if Self.needsEscape(UnsafeRawBufferPointer(utf8)) { escape(utf8) } else { append(utf8) }
        }
        if let end { append(end) }
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        let start = reserve(text.count + 2)
        buffer.withUnsafeMutableBytes { bytes in
            bytes[start] = UInt8(ascii: "\"")
            UnsafeMutableRawBufferPointer(rebasing: bytes[(start + 1)...]).copyMemory(from: UnsafeRawBufferPointer(text))
            bytes[start + 1 + text.count] = UInt8(ascii: "\"")
        }
    }

    /// Whether a byte is below 0x20, 0x7F, a quote or a backslash: eight bytes at a time, by the carries of a subtraction (Hacker's Delight, 6-1).
    private static func needsEscape(_ text: UnsafeRawBufferPointer) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var offset = 0
        while offset + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let (quote, backslash, delete) = (word ^ ones &* 0x22, word ^ ones &* 0x5C, word ^ ones &* 0x7F)
            let found =
                ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                | ((delete &- ones) & ~delete)
            if found & (ones &* 0x80) != 0 { return true }
            offset += 8
        }
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F { return true }
            offset += 1
        }
        return false
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0x0A: append("\\n")
            case 0x09: append("\\t")
            case ..<0x20, 0x7F:
                append("\\u00")
                append(Self.hexadecimal(byte >> 4))
                append(Self.hexadecimal(byte & 15))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10 }

    package mutating func integer(_ value: Int) { raw(value.description) }
    package mutating func integer(_ value: some BinaryInteger) { raw(String(value)) }
    package mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }
    package mutating func null() {
        separate()
        append("null")
    }

    /// A finite number; others, which JSON has no word for, become null.
    package mutating func number(_ value: Double) { raw(value.isFinite ? value.description : "null") }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements): array(elements) { $0.value($1) }
        case .object(let object):
            self.object { writer in for member in object.members { writer.member(member.key, member.value) } }
        }
    }

    // MARK: Members. A nil value writes nothing: what is absent is left out.

    package mutating func member(_ name: String, _ value: String?) {
        if let value {
            key(name)
            string(value)
        }
    }
    package mutating func member(_ name: String, _ value: Int64?) {
        if let value {
            key(name)
            integer(Int(value))
        }
    }
    package mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
        if let value {
            key(name)
            integer(value)
        }
    }
    package mutating func member(_ name: String, _ value: Bool?) {
        if let value {
            key(name)
            bool(value)
        }
    }
    package mutating func member(_ name: String, _ value: JSONValue?) {
        if let value {
            key(name)
            self.value(value)
        }
    }
    package mutating func member(_ name: String, _ value: (some JSONWritable)?) {
        if let value {
            key(name)
            value.write(to: &self)
        }
    }
    package mutating func member(_ name: String, strings: [String]) {
        key(name)
        array(strings) { $0.string($1) }
    }
    package mutating func member(_ name: String, array elements: [some JSONWritable]) {
        key(name)
        array(elements) { $1.write(to: &$0) }
    }
    package mutating func member(_ name: String, object body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    // MARK: Parts

    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func raw(_ text: String) {
        separate()
        for byte in text.utf8 { append(byte) }
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { utf8 in for byte in utf8 { append(byte) } }
    }

    private mutating func append(_ byte: UInt8) {
        let place = reserve(1)
        buffer[place] = byte
    }

    /// Makes room for so many bytes, which count as written. Returns where they begin.
    private mutating func reserve(_ room: Int) -> Int {
        if buffer.count - count < room {
            var larger = Array(repeating: UInt8(0), count: max(buffer.count * 2, count + room, 256))
            larger.withUnsafeMutableBytes { $0.copyBytes(from: buffer[..<count]) }
            buffer = larger
        }
        defer { count += room }
        return count
    }

    private mutating func enclose(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
        separate()
        append(UInt8(ascii: open))
        needsComma = false
        body(&self)
        append(UInt8(ascii: close))
        needsComma = true
    }
}

/// A type with one canonical JSON form.
package protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    package var jsonBytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    package var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }
}

extension JSONValue: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.value(self) }
}
