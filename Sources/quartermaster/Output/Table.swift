/// Columns for people: aligned, the header bold on a terminal. Control characters from outside are shown as `?`, so that no name can
/// move the cursor.
struct Table: Equatable {
    let columns: [String]
    private(set) var rows: [[String]] = []

    init(_ columns: String...) { self.columns = columns }

    mutating func row(_ cells: String?...) { rows.append(cells.map { Self.plain($0 ?? "-") }) }

    func text(colour: Bool) -> String {
        let widths = columns.indices.map { index in
            max(columns[index].count, rows.map { $0[index].count }.max() ?? 0)
        }
        let header = line(columns, widths)
        return ([colour ? "\u{1B}[1m\(header)\u{1B}[0m" : header] + rows.map { line($0, widths) }).joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            text += cell
            if index < cells.count - 1 { text += String(repeating: " ", count: widths[index] - cell.count + 2) }
        }
        return text
    }

    static func plain(_ text: String) -> String {
        text.unicodeScalars.contains(where: isControl)
            ? String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 })) : text
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// Names and values of one thing, one a line.
struct Card: Equatable {
    private(set) var lines: [(name: String, value: String)] = []

    static func == (left: Card, right: Card) -> Bool { left.text == right.text }

    mutating func line(_ name: String, _ value: String?) {
        if let value { lines.append((name, Table.plain(value))) }
    }

    var text: String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { "\($0.name)\(String(repeating: " ", count: width - $0.name.count + 2))\($0.value)" }.joined(separator: "\n")
    }
}
