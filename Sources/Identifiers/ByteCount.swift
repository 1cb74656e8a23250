/// A size in bytes. Read as `500GiB`, `1.5 TiB`, `20GB`, `4096`; printed for people in IEC units (`1.0 TiB`).
package struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    package init?(_ text: String) {
        let compact = text.filter { $0 != " " }
        let number = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = compact.dropFirst(number.count).lowercased()
        guard let factor = Self.factors[unit] else { return nil }
        let product: Double
        if let whole = Int64(number) {
            let (exact, overflow) = whole.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            bytes = exact
            return
        } else if let value = Double(number), value >= 0 {
            product = value * Double(factor)
        } else {
            return nil
        }
        guard product < 9.2e18 else { return nil }
        bytes = Int64(product.rounded())
    }

    package var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var tenths = bytes.magnitude
        if tenths < 1024 { return "\(bytes) B" }
        var index = 0
        var value = Double(tenths)
        while value >= 1024, index < units.count - 1 {
            value /= 1024
            index += 1
        }
        tenths = UInt64((value * 10).rounded())
        return "\(bytes < 0 ? "-" : "")\(tenths / 10).\(tenths % 10) \(units[index])"
    }

    package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

    private static let factors: [String: Int64] = [
        "": 1, "b": 1,
        "k": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gib": 1 << 30,
        "t": 1 << 40, "tib": 1 << 40, "p": 1 << 50, "pib": 1 << 50, "e": 1 << 60, "eib": 1 << 60,
        "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000, "pb": 1_000_000_000_000_000,
    ]
}
