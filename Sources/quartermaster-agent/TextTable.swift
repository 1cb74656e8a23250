import AgentCore

/// Rows under a heading, in columns, for people.
enum TextTable {
    private static let widestColumn = 80

    /// Each line begins with two spaces; what a terminal would not show as it is becomes `?`.
    static func lines(_ heading: [String], _ rows: [[String]]) -> String {
        let rows = [heading.map(Cell.init)] + rows.map { $0.map(Cell.init) }
        var widths = [Int](repeating: 0, count: heading.count)
        var size = 0
        // What is longer stands out of its column: one mount point of 4,000 characters does not widen every row.
        for (number, row) in rows.enumerated() {
            for (index, cell) in row.enumerated() {
                size += cell.text.utf8.count
                if number == 0 || cell.width <= widestColumn { widths[index] = max(widths[index], cell.width) }
            }
        }
        let blanks = String(repeating: " ", count: (widths.max() ?? 0) + 2)
        var text = ""
        text.reserveCapacity(size + rows.count * (widths.reduce(0, +) + 2 * widths.count + 3))
        for row in rows {
            text += "  "
            for (index, cell) in row.enumerated() {
                text += cell.text
                if index + 1 < row.count { text += Substring(blanks.utf8.prefix(max(0, widths[index] - cell.width) + 2)) }
            }
            text += "\n"
        }
        return text
    }

    private struct Cell {
        let text: String
        /// In characters.
        let width: Int

        init(_ text: String) {
            self.text = text.printable
            // Finding where characters end takes long, and each byte of ASCII is one.
            width = self.text.utf8.allSatisfy { $0 < 0x80 } ? self.text.utf8.count : self.text.count
        }
    }
}
