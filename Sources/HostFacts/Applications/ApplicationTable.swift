/// The applications that are told: how their packages and processes are named, and where they keep their data.
///
/// The rows that are built in stand in `ApplicationTable+BuiltIn.swift`, in the format that an administrator extends them in
/// (`/etc/quartermaster/applications.d/*.conf`; `ApplicationTable+Parsing.swift` has its grammar).
package struct ApplicationTable: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let name: String
        /// Names of packages; `#` stands for digits, and at the end for a digit and whatever follows; `*` at the end for any rest but none.
        package var packages: [String] = []
        /// Names of processes as `comm` has them, at most 15 bytes, with the same endings.
        package var processes: [String] = []
        /// Main classes of processes that are called `java`.
        package var javaClasses: [String] = []
        /// Where data is kept unless something says otherwise: absolute paths, `*` for any part of a component.
        package var directories: [String] = []
        /// Options of the process whose argument is the directory: `-D`, `--datadir`.
        package var options: [String] = []
        /// Configuration files and the key in them whose value is the directory.
        package var settings: [Setting] = []
    }

    package struct Setting: Equatable, Sendable {
        /// An absolute path, `*` for any part of a component.
        package let file: String
        package let key: String
    }

    package private(set) var rows: [Row] = []
    private var byPackage: [String: Int] = [:]
    private var byProcess: [String: Int] = [:]
    private var byClass: [String: Int] = [:]
    private var packagePatterns: [(pattern: String, row: Int)] = []
    private var processPatterns: [(pattern: String, row: Int)] = []

    init(rows: [Row]) {
        self.rows = rows
        for (index, row) in rows.enumerated() {
            for name in row.packages {
                if Self.isPattern(name) { packagePatterns.append((name, index)) } else { byPackage[name] = index }
            }
            for name in row.processes {
                if Self.isPattern(name) { processPatterns.append((name, index)) } else { byProcess[name] = index }
            }
            for name in row.javaClasses { byClass[name] = index }
        }
    }

    package func row(package name: String) -> Row? {
        (byPackage[name] ?? packagePatterns.first { Self.matches(name, $0.pattern) }?.row).map { rows[$0] }
    }

    package func row(process name: String) -> Row? {
        (byProcess[name] ?? processPatterns.first { Self.matches(name, $0.pattern) }?.row).map { rows[$0] }
    }

    package func row(javaClass name: String) -> Row? { byClass[name].map { rows[$0] } }

    package func row(named name: String) -> Row? { rows.first { $0.name == name } }

    package static func == (left: Self, right: Self) -> Bool { left.rows == right.rows }

    private static func isPattern(_ name: String) -> Bool { name.contains("#") || name.hasSuffix("*") }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        // A host has thousands of packages, and most begin otherwise.
        guard text.utf8.first == pattern.utf8.first else { return false }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        if pattern.hasSuffix("*") { return text.utf8.count >= pattern.utf8.count && text.hasPrefix(pattern.dropLast()) }
        guard let sign = pattern.firstIndex(of: "#"), text.hasPrefix(pattern[..<sign]) else { return false }
        let rest = text.utf8.dropFirst(pattern[..<sign].utf8.count)
        let tail = pattern[pattern.index(after: sign)...]
        guard let first = rest.first, isDigit(first) else { return false }
        return tail.isEmpty || rest.drop(while: isDigit).elementsEqual(tail.utf8)
    }
}
