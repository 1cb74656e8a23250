/// Writes metrics in Prometheus' text format, version 0.0.4:
///
///     # HELP name text
///     # TYPE name counter|gauge|histogram
///     name{label="value",…} number
///
/// A histogram has `name_bucket{le="…"}` for each bound, summed up, `name_sum` and `name_count`. In label values `\`, `"` and line feeds are
/// escaped, in help texts `\` and line feeds. Source: prometheus.io, "Exposition formats".
package enum PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// In the order of names, and of labels below each.
    package static func text(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) where !family.series.isEmpty {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for series in family.series.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
                append(series, of: family.name, to: &text)
            }
        }
        return text
    }

    private static func append(_ series: MetricSeries, of name: String, to text: inout String) {
        switch series.value {
        case .number(let value): text += line(name, series.labels, value)
        case .distribution(let distribution):
            var sum: UInt64 = 0
            for (bound, count) in zip(distribution.bounds + [.infinity], distribution.counts) {
                sum += count
                text += line(name + "_bucket", series.labels + [MetricLabel("le", number(bound))], Double(sum))
            }
            text += line(name + "_sum", series.labels, distribution.sum)
            text += line(name + "_count", series.labels, Double(distribution.count))
        }
    }

    private static func line(_ name: String, _ labels: [MetricLabel], _ value: Double) -> String {
        let list = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        return "\(name)\(labels.isEmpty ? "" : "{\(list)}") \(number(value))\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 { return String(integer) }
        return value.description
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A metric's name as the format allows it: `[a-zA-Z_:][a-zA-Z0-9_:]*`. What is another character becomes `_`.
    package static func metricName(_ text: String) -> String { name(text, allowed: ":") }

    /// A label's name: the same without colons.
    package static func labelName(_ text: String) -> String { name(text, allowed: nil) }

    private static func name(_ text: String, allowed: UnicodeScalar?) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            if isDigit, result.isEmpty { result.append("_") }
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            result.append(isDigit || isLetter || scalar == "_" || scalar == allowed ? scalar : "_")
        }
        return result.isEmpty ? "_" : String(result)
    }
}
