/// The lines of a text that is indented by four spaces a level, read one after the other.
struct Lines {
    private let lines: [Substring]
    private var index = 0

    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
    }

    var isAtEnd: Bool { index == lines.count }
    /// Of the line to be read next, from 1.
    var number: Int { index + 1 }

    /// The next line without its indentation, where it is indented by exactly `level`; otherwise it stays.
    mutating func take(level: Int) -> String? {
        guard index < lines.count else { return nil }
        let line = lines[index]
        let spaces = line.prefix { $0 == " " }.count
        guard spaces == 4 * level, spaces < line.count else { return nil }
        index += 1
        return String(line.dropFirst(spaces))
    }

    mutating func expect(_ text: String, level: Int) throws(TargetListing.Malformed) {
        guard take(level: level) == text else { throw malformed(text) }
    }

    func malformed(_ expected: String) -> TargetListing.Malformed { TargetListing.Malformed(line: number, expected: expected) }
}

extension String {
    /// Where `needle` begins first.
    func position(of needle: String) -> String.Index? {
        guard let first = needle.utf8.first else { return nil }
        var start = utf8.startIndex
        while let candidate = utf8[start...].firstIndex(of: first) {
            if utf8[candidate...].starts(with: needle.utf8) { return candidate }
            start = utf8.index(after: candidate)
        }
        return nil
    }

    /// What stands before the first `separator`, and what behind it.
    func halves(at separator: String) -> (before: String, after: String)? {
        guard let position = position(of: separator) else { return nil }
        return (String(self[..<position]), String(utf8[utf8.index(position, offsetBy: separator.utf8.count)...]) ?? "")
    }
}
