extension Substring {
    /// Without spaces and tabs at both ends.
    var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }
}

extension Unicode.Scalar {
    /// A control character but the tab, or what some programs end a line at: NEL, and Unicode's line and paragraph separators.
    var endsLines: Bool {
        switch value {
        case 0x09: false
        case 0..<0x20, 0x7F, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
