/// Whether a name that is not known may have been meant for one that is.
enum Spelling {
    /// The same letters and digits but for two that are other, missing or too many; case and what stands between words do not count.
    static func isAlike(_ known: String, _ given: String) -> Bool {
        let (known, given) = (letters(known), letters(given))
        return abs(known.count - given.count) <= 2 && distance(known, given) <= 2
    }

    private static func letters(_ name: String) -> [UInt8] {
        name.utf8.prefix(64).compactMap { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: nil
            }
        }
    }

    /// How many bytes are to be changed, put in or left out (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                (diagonal, row[column + 1]) = (
                    row[column + 1], min(diagonal + (byte == other ? 0 : 1), row[column] + 1, row[column + 1] + 1)
                )
            }
        }
        return row[right.count]
    }
}
