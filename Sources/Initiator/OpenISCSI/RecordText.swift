import Files
import ISCSI

/// A record of open-iscsi's, byte for byte: what is not changed stays as it is, keys that are not known too.
///
/// Shape, as `iscsiadm` 2.0 and 2.1 write it and read it again:
///
///     # BEGIN RECORD 2.1.8
///     node.name = iqn.2026-11.example:t1
///     # END RECORD
///
/// A line is blank, a comment (`#`), or a key, white space, `=`, and a value up to the line's end without the white space around it. Where a
/// key stands twice, the last one counts. A line without white space before its `=` is none to open-iscsi, and none here.
package struct RecordText: Hashable, Sendable {
    /// More than any record has, or that open-iscsi would read.
    package static let maximumBytes = 64 << 10
    /// open-iscsi reads lines into a buffer of that size, with the newline and a NUL.
    static let maximumLine = 2046
    /// open-iscsi keeps values in a buffer of 256 bytes, with a NUL.
    package static let maximumValue = 255

    private struct Line: Hashable {
        /// Without the newline.
        var bytes: SecretBytes
        var setting: Setting?

        struct Setting: Hashable {
            var key: String
            var value: SecretBytes
        }
    }

    private var lines: [Line]
    private var endsWithNewline: Bool

    /// Throws `.record` where it is no text that open-iscsi would read whole. `path` is for the message.
    package init(_ text: some Collection<UInt8>, path: String) throws(SetupError) {
        let bytes = SecretBytes(text)
        guard bytes.count <= Self.maximumBytes else {
            throw .record(path: path, line: 0, reason: "has more than \(Self.maximumBytes) bytes")
        }
        endsWithNewline = bytes.last == UInt8(ascii: "\n")
        lines = []
        var pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        for (index, piece) in pieces.enumerated() {
            guard piece.count <= Self.maximumLine else {
                throw .record(path: path, line: index + 1, reason: "is longer than \(Self.maximumLine) bytes")
            }
            guard !piece.contains(0) else { throw .record(path: path, line: index + 1, reason: "has a NUL") }
            lines.append(Line(bytes: piece, setting: Self.setting(piece)))
        }
    }

    /// A new record of these settings.
    init(settings: [(key: String, value: SecretBytes)], version: String) {
        let body = settings.map { Self.line($0.key, $0.value) }
        lines = ([SecretBytes("# BEGIN RECORD \(version)".utf8)] + body + [SecretBytes("# END RECORD".utf8)]).map {
            Line(bytes: $0, setting: Self.setting($0))
        }
        endsWithNewline = true
    }

    package var bytes: SecretBytes {
        SecretBytes(capacity: lines.reduce(0) { $0 + $1.bytes.count + 1 }) { room in
            var count = 0
            for (index, line) in lines.enumerated() {
                for byte in line.bytes {
                    room[count] = byte
                    count += 1
                }
                if index < lines.count - 1 || endsWithNewline {
                    room[count] = UInt8(ascii: "\n")
                    count += 1
                }
            }
            return count
        }
    }

    private static func line(_ key: String, _ value: SecretBytes) -> SecretBytes {
        let name = "\(key) = ".utf8
        return SecretBytes(capacity: name.count + value.count) { room in
            room.copyBytes(from: name)
            UnsafeMutableRawBufferPointer(rebasing: room[name.count...]).copyBytes(from: value)
            return room.count
        }
    }

    /// Every key with its value, in the file's order; a key that stands twice is there twice.
    package var settings: [(key: String, value: SecretBytes)] {
        lines.compactMap { line in line.setting.map { ($0.key, $0.value) } }
    }

    package func value(_ key: String) -> SecretBytes? { lines.last { $0.setting?.key == key }?.setting?.value }

    /// A value as text; nil where there is none, or one that is no UTF-8.
    package func text(_ key: String) -> String? {
        value(key).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Sets a key, in its place where it has one; nil takes it out. A new one comes behind `predecessors`' last that is there, else before the
    /// record's end.
    package mutating func set(_ key: String, _ value: SecretBytes?, after predecessors: [String] = []) {
        let places = lines.indices.filter { lines[$0].setting?.key == key }
        guard let value else {
            for place in places.reversed() { lines.remove(at: place) }
            return
        }
        let bytes = Self.line(key, value)
        let line = Line(bytes: bytes, setting: Self.setting(bytes))
        if let first = places.first {
            if places.count == 1, lines[first].setting?.value.elementsEqual(value) == true { return }
            for place in places.dropFirst().reversed() { lines.remove(at: place) }
            lines[first] = line
            return
        }
        let known = Set(predecessors)
        let last = lines.lastIndex { line in line.setting.map { known.contains($0.key) } ?? false }
        let end = lines.lastIndex { $0.bytes.starts(with: "# END RECORD".utf8) }
        lines.insert(line, at: last.map { $0 + 1 } ?? end ?? lines.endIndex)
        if end == nil { endsWithNewline = true }
    }

    /// Nil for a line that sets nothing.
    private static func setting(_ line: SecretBytes) -> Line.Setting? {
        let text = trimmed(line)
        guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
        let name = text.prefix { !isSpace($0) && $0 != UInt8(ascii: "=") }
        var rest = text[name.endIndex...]
        // The byte that ended the name is passed over, whatever it is.
        guard !name.isEmpty, rest.popFirst() != nil else { return nil }
        rest = rest.drop(while: isSpace)
        guard rest.popFirst() == UInt8(ascii: "=") else { return nil }
        let value = rest.drop(while: isSpace)
        guard !value.isEmpty, let key = String(validating: name, as: UTF8.self) else { return nil }
        return Line.Setting(key: key, value: value)
    }

    static func trimmed<Text: BidirectionalCollection<UInt8>>(_ line: Text) -> Text where Text.SubSequence == Text {
        var text = line.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    /// `isspace` in the C locale.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// Records hold secrets: none is told by printing one.
extension RecordText: CustomStringConvertible, CustomReflectable {
    package var description: String { "a record of \(lines.count) lines" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
