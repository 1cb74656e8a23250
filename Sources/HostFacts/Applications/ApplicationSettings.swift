/// Finds a key's value in configuration files of the usual kinds: `key = value`, `key: value`, `key value`, `"key": "value",`.
package enum ApplicationSettings {
    /// The values of `key` that are absolute paths, in the file's order. Comments and all other lines are passed over.
    package static func paths(of key: String, in bytes: UnsafeRawBufferPointer) -> [String] {
        let key = Array(key.utf8)
        var found: [String] = []
        for line in Lines(bytes) {
            guard let value = value(of: key, in: line), let text = String(validating: value, as: UTF8.self) else { continue }
            // Several paths may stand behind one another: `log.dirs=/a,/b`.
            for path in text.split(separator: ",") where ApplicationPath.isAcceptable(String(path)) { found.append(String(path)) }
        }
        return found
    }

    private static func value(of key: [UInt8], in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var rest = line.drop { isSpace($0) || isQuote($0) || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: ",") }
        guard rest.starts(with: key) else { return nil }
        rest = rest.dropFirst(key.count)
        guard let next = rest.first, isSpace(next) || isQuote(next) || next == UInt8(ascii: "=") || next == UInt8(ascii: ":") else {
            return nil
        }
        rest = rest.drop { isSpace($0) || isQuote($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }
        let isQuoted = rest.startIndex > 0 && isQuote(line[rest.startIndex - 1])
        let end = rest.firstIndex { isQuoted ? isQuote($0) : isSpace($0) || isQuote($0) || $0 == UInt8(ascii: "}") } ?? rest.endIndex
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
}
