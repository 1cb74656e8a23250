import Identifiers
import Inventory

/// Reads which programs of interest to a storage planner are installed or run, and where they keep their data.
struct ApplicationReader {
    let reader: FactReader
    let mounts: [Mount]
    let blockDevices: [Inventory.BlockDevice]

    private static let directory = "etc/quartermaster/applications.d"

    /// An application that was found both ways is told by its packages, which know the version; a process alone is told by its name.
    func all() -> [Inventory.Application] {
        reader.trace?.subject = "applications"
        let table = table()
        let packages = InstalledPackages(reader: reader, table: table).all()
        let processes = RunningProcesses(reader: reader, table: table).all()
        var directories = DataDirectoryReader(reader: reader, mounts: mounts, blockDevices: blockDevices)
        var result: [Inventory.Application] = []
        for row in table.rows {
            let packages = packages.filter { $0.application == row.name }
            let processes = processes.filter { $0.application == row.name }
            guard let process = processes.first?.name ?? packages.first?.package else { continue }
            reader.trace?.subject = row.name
            for package in packages { reader.trace?.add("package", package.database, "\(package.package) \(package.version ?? "")") }
            for process in processes { reader.trace?.add("process", "proc/\(process.id)/comm", process.name) }
            var applications = packages.map {
                Inventory.Application(name: row.name, version: $0.version, evidence: "package \($0.package)")
            }
            if applications.isEmpty { applications = [Inventory.Application(name: row.name, evidence: "process \(process)")] }
            for directory in directories.directories(of: row, processes) {
                applications[Self.owner(of: directory, among: applications)].directories.append(directory)
            }
            result += applications
        }
        return result
    }

    /// Of several versions, the one whose number stands in the path, as in `/var/lib/postgresql/15/main`; else the first.
    private static func owner(of directory: Inventory.DataDirectory, among applications: [Inventory.Application]) -> Int {
        if applications.count < 2 { return 0 }
        let components = directory.path.split(separator: "/")
        return applications.firstIndex { application in
            let version = application.version?.drop { $0 != ":" }.dropFirst() ?? ""
            let number = (version.isEmpty ? Substring(application.version ?? "") : version).prefix { $0.isASCII && $0.isNumber }
            return !number.isEmpty && components.contains(number)
        } ?? 0
    }

    /// What is built in, extended by the administrator's files in the order of their names.
    private func table() -> ApplicationTable {
        var texts = [ApplicationTable.builtIn]
        var files: [String] = []
        for name in reader.names(Self.directory, "applications") where name.hasSuffix(".conf") {
            let path = "\(Self.directory)/\(name)"
            guard let text = reader.whole(file: path, "applications", { .value(String(decoding: $0, as: UTF8.self)) }) else { continue }
            texts.append(text)
            files.append(path)
        }
        let (table, faults) = ApplicationTable.parse(texts)
        for (path, faults) in zip(files, faults.dropFirst()) {
            if faults.isEmpty { continue }
            reader.note(path, "applications", "malformed: " + faults.map { "line \($0.line): \($0.reason)" }.joined(separator: "; "))
        }
        return table
    }
}
