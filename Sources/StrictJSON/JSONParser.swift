#if canImport(Glibc)
    import Glibc
#endif

/// How much of a text is believed before it is refused.
package struct JSONLimits: Equatable, Sendable {
    /// Bytes of the whole text.
    package var maximumBytes: Int
    /// Arrays and objects inside one another.
    package var maximumDepth: Int

    package init(maximumBytes: Int = 16 << 20, maximumDepth: Int = 32) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }
}

extension JSONValue {
    /// Reads one JSON text: RFC 8259 without leniency. Duplicate keys, invalid UTF-8, lone surrogates, and anything
    /// behind the value are refused.
    package static func parse(_ bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        let whole = ContiguousArray(bytes)
        guard whole.count <= limits.maximumBytes else {
            throw .tooLarge(bytes: whole.count, limit: limits.maximumBytes)
        }
        var result: Result<JSONValue, JSONError> = .success(.null)
        whole.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer, maximumDepth: limits.maximumDepth)
            do throws(JSONError) { result = .success(try parser.text()) } catch { result = .failure(error) }
        }
        return try result.get()
    }

    package static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        try parse(text.utf8, limits: limits)
    }
}

/// A recursive-descent parser; recursion is bounded by `maximumDepth`.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let maximumDepth: Int
    var offset = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func text() throws(JSONError) -> JSONValue {
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw .syntax(offset: offset, reason: "text behind the value") }
        return value
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = next else { throw .syntax(offset: offset, reason: "the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw .syntax(offset: offset, reason: "no value begins with this byte")
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let start = offset
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw .syntax(offset: start, reason: "no such literal") }
            offset += 1
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > maximumDepth { throw .tooDeep(offset: offset, limit: maximumDepth) }
        offset += 1
        skipSpace()
    }

    private mutating func leave() {
        depth -= 1
        offset += 1
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if next == UInt8(ascii: "]") {
            leave()
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipSpace()
            switch next {
            case UInt8(ascii: ","):
                offset += 1
                skipSpace()
            case UInt8(ascii: "]"):
                leave()
                return .array(elements)
            default: throw .syntax(offset: offset, reason: "expected , or ] in an array")
            }
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        var object = JSONObject()
        var seen = Set<String>()
        if next == UInt8(ascii: "}") {
            leave()
            return .object(object)
        }
        while true {
            let start = offset
            guard next == UInt8(ascii: "\"") else { throw .syntax(offset: offset, reason: "expected a key in an object") }
            let key = try string()
            guard seen.insert(key).inserted else { throw .duplicateKey(String(key.prefix(64)), offset: start) }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw .syntax(offset: offset, reason: "expected : after a key") }
            offset += 1
            skipSpace()
            object.append(key, try value())
            skipSpace()
            switch next {
            case UInt8(ascii: ","):
                offset += 1
                skipSpace()
            case UInt8(ascii: "}"):
                leave()
                return .object(object)
            default: throw .syntax(offset: offset, reason: "expected , or } in an object")
            }
        }
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                let plain = UnsafeBufferPointer(rebasing: bytes[start..<offset])
                guard let text = String(validating: plain, as: UTF8.self) else {
                    throw .syntax(offset: start, reason: "a string that is not UTF-8")
                }
                offset += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw .syntax(offset: offset, reason: "a control character in a string") }
            offset += 1
        }
        throw .syntax(offset: start, reason: "a string without an end")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var collected = ContiguousArray(bytes[start..<offset])
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: collected, as: UTF8.self) else {
                    throw .syntax(offset: start, reason: "a string that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                collected.append(contentsOf: try escape())
            case ..<0x20:
                throw .syntax(offset: offset - 1, reason: "a control character in a string")
            default:
                collected.append(byte)
            }
        }
        throw .syntax(offset: start, reason: "a string without an end")
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        let start = offset - 1
        guard let byte = next else { throw .syntax(offset: start, reason: "a string without an end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            var scalar = UInt32(first)
            if (0xD800..<0xDC00).contains(first) {
                guard next == UInt8(ascii: "\\"), offset + 1 < bytes.count, bytes[offset + 1] == UInt8(ascii: "u") else {
                    throw .syntax(offset: start, reason: "half of a surrogate pair")
                }
                offset += 2
                let second = try hexadecimal()
                guard (0xDC00..<0xE000).contains(second) else {
                    throw .syntax(offset: start, reason: "half of a surrogate pair")
                }
                scalar = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
            }
            guard let unicode = Unicode.Scalar(scalar) else { throw .syntax(offset: start, reason: "half of a surrogate pair") }
            return Array(String(Character(unicode)).utf8)
        default:
            throw .syntax(offset: start, reason: "no such escape")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw .syntax(offset: offset, reason: "\\u wants four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw .syntax(offset: offset, reason: "expected a digit") }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        var isInteger = true
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw .syntax(offset: start, reason: "a number out of range") }
        return .number(number)
    }
}
