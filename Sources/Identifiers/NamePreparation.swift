/// The preparation of iSCSI names (RFC 3722, a profile of stringprep, RFC 3454), so that names that look alike are equal bytes:
///
/// 1. map: characters that say nothing are dropped (B.1), the rest is folded (B.2);
/// 2. normalise by NFKC of Unicode 3.2;
/// 3. refuse what the profile prohibits (C.1 to C.9, all ASCII but `a`-`z`, `0`-`9`, `-`, `.` and `:`, U+3002) and what Unicode 3.2 has not assigned (A.1);
/// 4. refuse text that runs in both directions (section 6). As every name begins with Latin letters, none holds right-to-left ones.
enum NamePreparation {
    /// Nil where it is refused. ASCII never touches the tables, and is told by its bytes.
    static func prepare(_ text: String) -> String? {
        switch shape(of: text) {
        case .prepared: return text
        case .capitals: return text.lowercased()
        case .refused: return nil
        case .beyondASCII: break
        }
        let tables = NameTables.shared
        var scalars: [UInt32] = []
        for scalar in text.unicodeScalars { replace(scalar.value, tables, &scalars) }
        order(&scalars, tables)
        compose(&scalars, tables)
        guard scalars.allSatisfy({ $0 < 0x80 ? isAllowedASCII($0) : !tables.refused.contains($0) }), isOfOneDirection(scalars, tables)
        else {
            return nil
        }
        var prepared = String.UnicodeScalarView()
        for scalar in scalars {
            guard let scalar = Unicode.Scalar(scalar) else { return nil }
            prepared.append(scalar)
        }
        return String(prepared)
    }

    private enum Shape { case prepared, capitals, refused, beyondASCII }

    private static func shape(of text: String) -> Shape {
        var text = text
        return text.withUTF8 { bytes in
            var (hasCapitals, isRefused) = (false, false)
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasCapitals = true
                case 0x80...: return .beyondASCII
                default: if !isAllowedASCII(UInt32(byte)) { isRefused = true }
                }
            }
            return isRefused ? .refused : hasCapitals ? .capitals : .prepared
        }
    }

    private static func isAllowedASCII(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x61...0x7A, 0x30...0x3A, 0x2D, 0x2E: true
        default: false
        }
    }

    /// Mapping and NFKD, before its characters are ordered. Hangul syllables, which the tables leave out, are computed (Unicode 3.2 section 3.12).
    private static func replace(_ scalar: UInt32, _ tables: NameTables, _ result: inout [UInt32]) {
        guard Hangul.syllables.contains(scalar) else {
            result += tables.replacements.replacement(of: scalar)
            return
        }
        let index = scalar - Hangul.syllables.lowerBound
        result.append(Hangul.leading + index / Hangul.perLeading)
        result.append(Hangul.vowel + index % Hangul.perLeading / Hangul.perVowel)
        if index % Hangul.perVowel != 0 { result.append(Hangul.trailing + index % Hangul.perVowel) }
    }

    /// Characters that combine, by their classes; stable.
    private static func order(_ scalars: inout [UInt32], _ tables: NameTables) {
        let classes = scalars.map { tables.combiningClass($0) }
        var start = 0
        while start < scalars.count {
            guard classes[start] != 0 else {
                start += 1
                continue
            }
            var end = start
            while end < scalars.count, classes[end] != 0 { end += 1 }
            let ordered = (start..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }.map { scalars[$0] }
            scalars.replaceSubrange(start..<end, with: ordered)
            start = end
        }
    }

    private static func compose(_ scalars: inout [UInt32], _ tables: NameTables) {
        var result: [UInt32] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let combiningClass = tables.combiningClass(scalar)
            // Nothing of the same or a higher class stands between it and its starter.
            if let place = starter, lastClass < combiningClass || result.count == place + 1,
                let composed = composition(result[place], scalar, tables)
            {
                result[place] = composed
                continue
            }
            result.append(scalar)
            lastClass = combiningClass
            if combiningClass == 0 { starter = result.count - 1 }
        }
        scalars = result
    }

    private static func composition(_ first: UInt32, _ second: UInt32, _ tables: NameTables) -> UInt32? {
        if (Hangul.leading..<Hangul.leading + 19).contains(first), (Hangul.vowel..<Hangul.vowel + 21).contains(second) {
            return Hangul.syllables.lowerBound + (first - Hangul.leading) * Hangul.perLeading + (second - Hangul.vowel) * Hangul.perVowel
        }
        if Hangul.syllables.contains(first), (first - Hangul.syllables.lowerBound) % Hangul.perVowel == 0,
            (Hangul.trailing + 1..<Hangul.trailing + 28).contains(second)
        {
            return first + (second - Hangul.trailing)
        }
        return tables.compositions[UInt64(first) << 32 | UInt64(second)]
    }

    private static func isOfOneDirection(_ scalars: [UInt32], _ tables: NameTables) -> Bool {
        guard scalars.contains(where: tables.rightToLeft.contains) else { return true }
        guard let first = scalars.first, let last = scalars.last else { return true }
        return !scalars.contains(where: tables.leftToRight.contains) && tables.rightToLeft.contains(first)
            && tables.rightToLeft.contains(last)
    }

    private enum Hangul {
        static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
        static let leading: UInt32 = 0x1100
        static let vowel: UInt32 = 0x1161
        static let trailing: UInt32 = 0x11A7
        static let perVowel: UInt32 = 28
        static let perLeading: UInt32 = 21 * 28
    }
}
