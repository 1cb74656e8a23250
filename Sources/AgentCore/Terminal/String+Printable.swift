extension String {
    /// One line that a terminal shows as it is: names, notes and mount points come from others, and may hold what moves a cursor, colours
    /// text, turns its direction or hides in it.
    package var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.isShown ? scalar : "?") }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// False for control characters (C0, DEL, C1), line and paragraph separators, what overrides or isolates a direction (Unicode Standard
    /// Annex 9), interlinear annotation, and tags, which no terminal shows.
    fileprivate var isShown: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
            false
        default: true
        }
    }
}
