/// How a device-mapper target says it is, out of its status (Documentation/admin-guide/device-mapper): the word for its health alone, no
/// reading that changes by itself.
package enum TargetState {
    /// Nil where the target says nothing of the kind.
    package static func text(type: String, status: String) -> String? {
        let words = status.split(separator: " ")
        guard let first = words.first else { return nil }
        switch type {
        case "thin-pool":
            // transaction metadata data heldRoot mode …
            return first == "Fail" || first == "Error" ? String(first) : word(words, 4)
        case "thin", "cache", "era": return first == "Fail" || first == "Error" ? String(first) : nil
        case "snapshot", "snapshot-merge":
            // used/total metadata, or why there is no such thing.
            return first.contains("/") ? nil : status
        case "raid":
            // level devices health ratio action …
            return word(words, 2)
        case "mirror":
            // count device… ratio 1 health …
            return Int(first).flatMap { (1...64).contains($0) ? word(words, $0 + 3) : nil }
        case "vdo":
            // device mode …
            return word(words, 1)
        case "verity": return String(first)
        default: return nil
        }
    }

    private static func word(_ words: [Substring], _ index: Int) -> String? { index < words.count ? String(words[index]) : nil }
}
