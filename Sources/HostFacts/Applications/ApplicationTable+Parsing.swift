extension ApplicationTable {
    /// A line that says nothing that is understood.
    package struct Fault: Equatable, Sendable {
        /// From 1.
        package let line: Int
        package let reason: String
    }

    /// More rows, or more words in a row, than this are refused.
    private static let maximumRows = 1_000
    private static let maximumWords = 100

    /// Reads texts one after the other. Grammar:
    ///
    ///     text    = *(line LF)
    ///     line    = "" / ("#" / ";") comment / "[" name "]" / key "=" words
    ///     key     = "package" / "process" / "java" / "directory" / "option" / "setting" / "told"
    ///     setting = file SP key                   ; "setting = /etc/my.cnf datadir"
    ///     told    = "no"                          ; the application is not told
    ///
    /// A section of a name that was there before adds to it. A line with a fault is left out, all others hold.
    package static func parse(_ texts: [String]) -> (table: ApplicationTable, faults: [[Fault]]) {
        var rows: [Row] = []
        var untold: Set<String> = []
        var faults: [[Fault]] = []
        for text in texts {
            var current: Int?
            var found: [Fault] = []
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let line = trimmed(line)
                guard let first = line.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { continue }
                if let reason = take(line, &rows, &current, &untold), found.count < 100 {
                    found.append(Fault(line: index + 1, reason: reason))
                }
            }
            faults.append(found)
        }
        return (ApplicationTable(rows: rows.filter { !untold.contains($0.name) }), faults)
    }

    /// Nil where the line was understood, else what is wrong with it.
    private static func take(_ line: Substring, _ rows: inout [Row], _ current: inout Int?, _ untold: inout Set<String>) -> String? {
        if line.hasPrefix("[") {
            current = nil
            let name = line.dropFirst().dropLast()
            guard line.hasSuffix("]"), isName(name) else { return "expected [NAME] of lower-case letters, digits and hyphens" }
            current = rows.firstIndex { $0.name == name }
            if current == nil {
                guard rows.count < maximumRows else { return "more than \(maximumRows) applications" }
                rows.append(Row(name: String(name)))
                current = rows.count - 1
            }
            return nil
        }
        guard let equals = line.firstIndex(of: "=") else { return "expected \"key = value\" or [NAME]" }
        guard let current else { return "a key before the first [NAME]" }
        let words = line[line.index(after: equals)...].split { $0 == " " || $0 == "\t" }.map(String.init)
        guard !words.isEmpty, words.count <= maximumWords else { return "expected 1 to \(maximumWords) words after \"=\"" }
        let absolute = words.allSatisfy { $0.hasPrefix("/") && $0.utf8.count < 4096 }
        switch trimmed(line[..<equals]) {
        case "package": rows[current].packages += words
        case "process": rows[current].processes += words
        case "java": rows[current].javaClasses += words
        case "directory":
            guard absolute else { return "expected absolute paths" }
            rows[current].directories += words
        case "option":
            guard words.allSatisfy({ $0.hasPrefix("-") && $0.utf8.count > 1 }) else { return "expected options as -D or --datadir" }
            rows[current].options += words
        case "setting":
            guard words.count == 2, words[0].hasPrefix("/"), words[0].utf8.count < 4096 else {
                return "expected a file's absolute path and a key"
            }
            rows[current].settings.append(Setting(file: words[0], key: words[1]))
        case "told":
            guard words == ["no"] else { return "expected \"no\"" }
            untold.insert(rows[current].name)
        default: return "expected package, process, java, directory, option, setting or told before \"=\""
        }
        return nil
    }

    private static func isName(_ name: Substring) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text = text.dropLast() }
        return text.drop { $0 == " " || $0 == "\t" }
    }
}
