extension StringProtocol {
    /// Columns of a terminal that this takes: two for each character of East Asia and each emoji, none for what stands above another one.
    var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Character {
    fileprivate var columns: Int { unicodeScalars.contains { Self.isWide($0.value) } ? 2 : 1 }

    /// Wide or full-width (Unicode Standard Annex 11), by blocks.
    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case ..<0x1100: false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FF, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// In lines of at most `width` columns: broken between words, and within one that is longer than a line. `first` begins the first of
    /// them, `rest` the others.
    package func folded(width: Int, first: String = "", rest: String = "") -> [String] {
        let width = Swift.max(width, first.count + 8, rest.count + 8)
        // As many characters from the beginning as fit.
        func beginning(of word: Substring, _ room: Int) -> Substring {
            var used = 0
            return word.prefix {
                used += $0.columns
                return used <= room
            }
        }
        var lines: [String] = []
        var line = first
        var isFresh = true
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            var word = word
            if !isFresh, line.columns + 1 + word.columns > width {
                lines.append(line)
                line = rest
                isFresh = true
            }
            if !isFresh { line += " " }
            while line.columns + word.columns > width {
                let head = beginning(of: word, width - line.columns)
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
