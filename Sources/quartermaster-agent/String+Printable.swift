extension String {
    /// One line that a terminal shows as it is: names, notes and mount points come from others, and may hold what moves a cursor, colours
    /// text or turns its direction.
    var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.isShown ? scalar : "?") }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// False for control characters (C0, DEL, C1), line and paragraph separators, and what overrides or isolates a direction.
    fileprivate var isShown: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: true
        }
    }
}
