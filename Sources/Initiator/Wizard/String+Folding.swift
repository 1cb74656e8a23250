extension String {
    /// In lines of at most `width` characters: broken between words, and within one that is longer than a line. `first` begins the first of
    /// them, `rest` the others.
    package func folded(width: Int, first: String = "", rest: String = "") -> [String] {
        let width = Swift.max(width, first.count + 8, rest.count + 8)
        var lines: [String] = []
        var line = first
        var isFresh = true
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            var word = word
            if !isFresh, line.count + 1 + word.count > width {
                lines.append(line)
                line = rest
                isFresh = true
            }
            if !isFresh { line += " " }
            while line.count + word.count > width {
                let head = word.prefix(width - line.count)
                lines.append(line + head)
                word = word.dropFirst(head.count)
                line = rest
            }
            line += word
            isFresh = false
        }
        return lines + [line]
    }
}
