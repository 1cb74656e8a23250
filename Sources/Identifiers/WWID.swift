/// The worldwide identity of a logical unit, as the kernel's `wwid` attribute spells it: `naa.6…`, `eui.…`, `t10.…`, `uuid.…`, `nvme.…`.
///
/// Compared by content: `naa.` and `eui.` values ignore case, and `0x` and separators inside them; udev's leading type digit
/// (`3600…` for NAA, `2…` for EUI) is turned into its prefix.
package struct WWID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Nil for an empty text, one of more than 512 bytes, or one with control characters.
    package init?(_ text: String) {
        let trimmed = Self.trim(text)
        guard (1...512).contains(trimmed.utf8.count), trimmed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        let lowered = trimmed.lowercased()
        if lowered.hasPrefix("naa.") || lowered.hasPrefix("eui.") || lowered.hasPrefix("uuid.") {
            description = lowered
        } else if let hexadecimal = Self.hexadecimal(lowered) {
            switch (hexadecimal.utf8.count, hexadecimal.first) {
            case (33, "3"), (17, "3"): description = "naa." + hexadecimal.dropFirst()
            case (17, "2"), (25, "2"), (33, "2"): description = "eui." + hexadecimal.dropFirst()
            case (16, "2"), (16, "3"), (16, "5"), (32, "6"): description = "naa." + hexadecimal
            default: description = trimmed
            }
        } else {
            description = trimmed
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static func hexadecimal(_ text: String) -> String? {
        let bare = text.hasPrefix("0x") ? text.dropFirst(2) : Substring(text)
        let digits = bare.filter { $0 != ":" && $0 != "-" }
        return digits.utf8.allSatisfy(\.isHexadecimalDigit) && !digits.isEmpty ? String(digits) : nil
    }

    private static func trim(_ text: String) -> String {
        var view = Substring(text)
        while let last = view.last, last.isWhitespace || last == "\0" { view.removeLast() }
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        return String(view)
    }
}
