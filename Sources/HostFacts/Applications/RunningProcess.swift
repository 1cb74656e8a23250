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

    /// A database has hundreds of processes, of which one says more than the next: as many of each application are looked into.
    private static let maximumOfOne = 16
    private static let commandLineLimit = 64 << 10
    /// Anybody may call a process as he likes, and give it as many options.
    private static let maximumDirectories = 16

    func all() -> [RunningProcess] {
        var found: [RunningProcess] = []
        var counts: [String: Int] = [:]
        for id in reader.names("proc", "applications") where id.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard case .value(let bytes) = reader.readFile("proc/\(id)/comm"), let command = FactText.valid(bytes) else { continue }
            let isJava = command == "java"
            guard isJava || table.row(process: command) != nil else { continue }
            let arguments = commandLine(id)
            guard let row = isJava ? arguments.lazy.compactMap({ table.row(javaClass: $0) }).first : table.row(process: command) else {
                continue
            }
            guard counts[row.name, default: 0] < Self.maximumOfOne else { continue }
            counts[row.name, default: 0] += 1
            let name = isJava ? arguments.first { table.row(javaClass: $0) != nil } ?? command : command
            found.append(
                RunningProcess(application: row.name, name: name, id: id, directories: Self.directories(of: row.options, in: arguments)))
        }
        return found
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
