/// Text of a plug-in as it may stand in logs, tables, errors and the database.
package enum PluginText {
    /// Control and format characters and line ends are replaced, since they would forge lines and steer terminals; at most `limit` bytes of
    /// UTF-8 stay.
    package static func cleaned(_ text: String, limit: Int = 4_096) -> String {
        var bytes = 0
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let clean = isPlain(scalar) ? scalar : "\u{FFFD}"
            bytes += UTF8.width(clean)
            if bytes > limit { return String(scalars) + "…" }
            scalars.append(clean)
        }
        return String(scalars)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
