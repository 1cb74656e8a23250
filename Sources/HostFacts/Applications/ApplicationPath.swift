/// Paths that applications name, and the patterns of the table.
enum ApplicationPath {
    /// Absolute, at most 4,095 bytes, without control characters: what a process says of itself is anybody's word.
    static func isAcceptable(_ path: String) -> Bool {
        path.hasPrefix("/") && path.utf8.count < 4096 && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// Whether a component fits a pattern, in which `*` stands for any bytes, none too. No hidden name fits a pattern that begins with `*`.
    static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        if name.hasPrefix("."), !pattern.hasPrefix(".") { return false }
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return name == pattern }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let end = end(of: part, in: rest) else { return false }
            rest = rest[end...]
        }
        return rest.count >= last.count && rest.hasSuffix(last)
    }

    private static func end(of part: Substring, in text: Substring) -> Substring.Index? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(part) { return text.index(start, offsetBy: part.count) }
            start = text.index(after: start)
        }
        return nil
    }
}
