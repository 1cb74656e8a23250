/// A length of time as people write it: a whole number and a unit, `500ms`, `1s`, `10m`, `12h`, `7d`.
package enum DurationText {
    package static let meaning = "a whole number and a unit: 500ms, 1s, 10m, 12h or 7d"

    /// Nil for anything else, and for more than 100 years.
    package static func milliseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let factor = factors[String(text.dropFirst(digits.count))] else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow || product > 36_525 * 86_400_000 ? nil : product
    }

    /// In the largest unit that says it exactly.
    package static func text(milliseconds: Int64) -> String {
        for (unit, factor) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    private static let factors: [String: Int64] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
}
