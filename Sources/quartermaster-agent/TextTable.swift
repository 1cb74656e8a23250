import AgentCore

/// Rows under a heading, in columns, for people.
enum TextTable {
    private static let widestColumn = 80

    /// Each line begins with two spaces; what a terminal would not show as it is becomes `?`.
    static func lines(_ heading: [String], _ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(\.printable) }
        var widths = heading.map(\.count)
        // What is longer stands out of its column: one mount point of 4,000 characters does not widen every row.
        for row in rows {
            for (index, cell) in row.enumerated() where cell.count <= widestColumn { widths[index] = max(widths[index], cell.count) }
        }
        return ([heading] + rows).map { row in
            var line = "  "
            for (index, cell) in row.enumerated() {
                line += cell
                if index + 1 < row.count { line += String(repeating: " ", count: max(0, widths[index] - cell.count) + 2) }
            }
            return line + "\n"
        }.joined()
    }
}
