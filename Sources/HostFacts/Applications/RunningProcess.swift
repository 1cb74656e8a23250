import Inventory

/// A process of an application: `proc/PID` (proc(5)).
struct RunningProcess: Equatable {
    /// The name of the table's row.
    let application: String
    /// `comm`, or the main class of a `java`.
    let name: String
    /// The directory in `/proc`.
    let id: String
    /// Arguments of the row's options that are absolute paths, with the option.
    let directories: [(option: String, path: String)]

    static func == (left: Self, right: Self) -> Bool {
        (left.application, left.name, left.id) == (right.application, right.name, right.id)
            && left.directories.elementsEqual(right.directories) { $0 == $1 }
    }
}

/// Finds the processes of the applications in a table, by `comm`, and by the main class where that is `java`. A process that ended meanwhile
/// is no problem.
struct RunningProcesses {
    let reader: FactReader
    let table: ApplicationTable

    /// Of one application, those that name directories.
    private static let maximumOfOne = Inventory.Application.maximumDirectories
    /// Of one application: a database has hundreds of processes, and one of them names its directory.
    private static let maximumCommandLines = 4096
    private static let commandLineLimit = 64 << 10
    /// Anybody may call a process as he likes, and give it as many options.
    private static let maximumDirectories = 16

    /// Of each application those that name a directory, and else the first.
    func all() -> [RunningProcess] {
        var found: [RunningProcess] = []
        var counts: [String: Count] = [:]
        for number in numbers() {
            let id = String(number)
            guard case .value(let bytes) = reader.readFile("proc/\(id)/comm"), let command = FactText.valid(bytes) else { continue }
            let isJava = command == "java"
            guard isJava || table.row(process: command) != nil else { continue }
            if let row = table.row(process: command), !hasRoom(&counts[row.name, default: Count()], id) { continue }
            let arguments = commandLine(id)
            guard let row = isJava ? arguments.lazy.compactMap({ table.row(javaClass: $0) }).first : table.row(process: command) else {
                continue
            }
            if isJava, !hasRoom(&counts[row.name, default: Count()], id) { continue }
            let directories = Self.directories(of: row.options, in: arguments)
            if directories.isEmpty {
                // What runs is told by the first.
                guard counts[row.name, default: Count()].found == 0 else { continue }
            } else {
                counts[row.name, default: Count()].naming += 1
            }
            counts[row.name, default: Count()].found += 1
            let name = isJava ? arguments.first { table.row(javaClass: $0) != nil } ?? command : command
            found.append(RunningProcess(application: row.name, name: name, id: id, directories: directories))
        }
        return found
    }

    private struct Count {
        var commandLines = 0
        var found = 0
        /// Of those found, with a directory.
        var naming = 0
        var isTold = false
    }

    /// False where no more processes of an application are looked into, which is told once.
    private func hasRoom(_ count: inout Count, _ id: String) -> Bool {
        guard count.commandLines == Self.maximumCommandLines || count.naming == Self.maximumOfOne else {
            count.commandLines += 1
            return true
        }
        if !count.isTold {
            count.isTold = true
            reader.note(
                "proc/\(id)", "applications",
                "not all processes of its application are looked into: at most \(Self.maximumCommandLines), and \(Self.maximumOfOne) that name data directories"
            )
        }
        return false
    }

    /// In their order as numbers, which is mostly that of their start: a server's before those of its connections.
    private func numbers() -> [Int] {
        reader.names("proc", "applications").compactMap { $0.utf8.first.map { (0x31...0x39).contains($0) } == true ? Int($0) : nil }
            .sorted()
    }

    /// Arguments may hold secrets: nothing of them is kept but the paths behind known options.
    private func commandLine(_ id: String) -> [String] {
        guard case .value(let bytes) = reader.readFile("proc/\(id)/cmdline", limit: Self.commandLineLimit, whole: true) else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// `-D DIR`, `-DDIR`, `--datadir DIR`, `--datadir=DIR`.
    static func directories(of options: [String], in arguments: [String]) -> [(option: String, path: String)] {
        var found: [(String, String)] = []
        for (index, argument) in arguments.enumerated().dropFirst() {
            for option in options where argument.hasPrefix(option) {
                var value = String(argument.dropFirst(option.count))
                if value.isEmpty {
                    guard index + 1 < arguments.count else { continue }
                    value = arguments[index + 1]
                } else if option.hasPrefix("--") {
                    guard value.hasPrefix("=") else { continue }
                    value.removeFirst()
                }
                if ApplicationPath.isAcceptable(value) { found.append((option, value)) }
                if found.count == maximumDirectories { return found }
            }
        }
        return found
    }
}
