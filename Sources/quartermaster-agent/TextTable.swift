import AgentCore

/// Rows under a heading, in columns, for people. Cells are kept as bytes, one behind the other: a list of a thousand targets has ten thousand of them.
struct TextTable {
    private static let widestColumn = 80

    private struct Cell {
        /// Where its text ends.
        var end: Int
        /// In characters.
        var width: Int
        var isLast: Bool
    }

    private var text: [UInt8] = []
    private var cells: [Cell] = []
    /// Of each column, in characters.
    private var widths: [Int] = []
    private var column = 0

    /// `rows` is how many there will be, as far as that is known.
    init(_ heading: [String], rows: Int = 0) {
        text.reserveCapacity(rows * heading.count * 12)
        cells.reserveCapacity((rows + 1) * heading.count)
        widths = heading.map { _ in 0 }
        for cell in heading { append(cell) }
        for (index, cell) in cells.enumerated() { widths[index] = cell.width }
        endRow()
    }

    /// The row's next cell. What a terminal would not show as it is becomes `?`.
    mutating func append(_ cell: String) {
        let start = text.count
        let isPlain = cell.utf8.withContiguousStorageIfAvailable { bytes in
            text.append(contentsOf: bytes)
            // Each byte of plain ASCII is one character; finding where others end takes long.
            return bytes.reduce(true) { $0 && $1 >= 0x20 && $1 < 0x7F }
        }
        var width = text.count - start
        if isPlain != true {
            let shown = cell.printable
            text.replaceSubrange(start..., with: shown.utf8)
            width = shown.utf8.allSatisfy { $0 < 0x80 } ? shown.utf8.count : shown.count
        }
        cells.append(Cell(end: text.count, width: width, isLast: false))
        // What is longer stands out of its column: one mount point of 4,000 characters does not widen every row.
        if width <= Self.widestColumn { widths[column] = max(widths[column], width) }
        column += 1
    }

    mutating func endRow() {
        if !cells.isEmpty { cells[cells.count - 1].isLast = true }
        column = 0
    }

    /// Each line begins with two spaces.
    var bytes: [UInt8] {
        let rows = cells.count(where: \.isLast)
        let size = text.count + rows * (3 + widths.reduce(0) { $0 + $1 + 2 })
        return [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            // Spaces are there already.
            bytes.initialize(repeating: UInt8(ascii: " "))
            var (place, start, column) = (2, 0, 0)
            text.withUnsafeBufferPointer { text in
                for cell in cells {
                    for index in start..<cell.end { bytes[place + index - start] = text[index] }
                    place += cell.end - start
                    start = cell.end
                    if cell.isLast {
                        bytes[place] = UInt8(ascii: "\n")
                        (place, column) = (place + 3, 0)
                    } else {
                        place += max(0, widths[column] - cell.width) + 2
                        column += 1
                    }
                }
            }
            count = max(0, place - 2)
        }
    }

    static func lines(_ heading: [String], _ rows: [[String]]) -> String {
        var table = TextTable(heading, rows: rows.count)
        for row in rows {
            for cell in row { table.append(cell) }
            table.endRow()
        }
        return String(decoding: table.bytes, as: UTF8.self)
    }
}
