import Files
import Identifiers

/// What the bytes of an attribute say.
package enum FactText {
    /// A value, nothing (an empty attribute), or bytes that break the attribute's rule, with what was expected.
    package enum Parsed<Value> {
        case value(Value)
        case nothing
        case malformed(String)
    }

    /// Without spaces, newlines and zero bytes at both ends: SCSI pads its fields with spaces, some devices with zeros.
    package static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while end > start, isPadding(bytes[end - 1]) { end -= 1 }
        while start < end, isPadding(bytes[start]) { start += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// One line of UTF-8 without control characters.
    package static func string(_ bytes: UnsafeRawBufferPointer) -> Parsed<String> {
        let text = trimmed(bytes)
        if text.isEmpty { return .nothing }
        var union: UInt8 = 0
        for byte in text {
            if byte < 0x20 || byte == 0x7F { return .malformed("a control character: \(excerpt(bytes))") }
            union |= byte
        }
        guard let string = union < 0x80 ? String(decoding: text, as: UTF8.self) : String(validating: text, as: UTF8.self) else {
            return .malformed("not UTF-8: \(excerpt(bytes))")
        }
        return .value(string)
    }

    /// All of the bytes; nil where they are not UTF-8.
    static func exactly(_ bytes: UnsafeRawBufferPointer) -> String? {
        var union: UInt8 = 0
        for byte in bytes { union |= byte }
        // Nearly all are ASCII, and need no look at the rules.
        return union < 0x80 ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }

    /// As `string`, where absent, empty and malformed are all no value to the caller.
    static func valid(_ bytes: UnsafeRawBufferPointer) -> String? {
        if case .value(let text) = string(bytes) { text } else { nil }
    }

    /// Decimal digits alone, up to the largest `Int64`.
    package static func decimal(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        guard (1...19).contains(bytes.count) else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// `0` or `1`.
    package static func flag(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        guard bytes.count == 1, bytes[0] == UInt8(ascii: "0") || bytes[0] == UInt8(ascii: "1") else { return nil }
        return bytes[0] == UInt8(ascii: "1")
    }

    /// A WWID in the form that its prefix promises.
    package static func designator(_ bytes: UnsafeRawBufferPointer) -> WWID? {
        valid(bytes).flatMap { designator($0) }
    }

    /// The same of a text.
    package static func designator(_ text: String) -> WWID? { WWID(text).flatMap { $0.isDesignator ? $0 : nil } }

    /// At most 32 bytes in quotes, what is not printable ASCII as `\x…`: for messages.
    package static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
        var text = "\""
        for byte in bytes.prefix(32) {
            if (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                text += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return text + (bytes.count > 32 ? "\"…" : "\"")
    }

    static func text(ofErrno errno: Int32) -> String { FileError.text(of: errno) }

    static func starts(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
        bytes.count >= prefix.utf8CodeUnitCount
            && prefix.withUTF8Buffer { prefix in
                for index in 0..<prefix.count where bytes[index] != prefix[index] { return false }
                return true
            }
    }

    static func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        bytes.count == text.utf8CodeUnitCount && starts(bytes, with: text)
    }

    private static func isPadding(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0 || byte == 0x0D || byte == 0x09 }
}
