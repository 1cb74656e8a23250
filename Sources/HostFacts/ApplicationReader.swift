import Inventory

/// Reads which programs of interest to a storage planner are installed or run: dpkg's database, and the names of processes.
struct ApplicationReader {
    let reader: FactReader

    /// An application that was found both ways is told once by its package, which knows the version; a process alone is told by its name.
    func all() -> [Inventory.Application] {
        reader.trace?.subject = "applications"
        let packages = installed()
        let packaged = Set(packages.map(\.name))
        return packages + running().filter { !packaged.contains($0.name) }
    }

    /// `var/lib/dpkg/status` (deb-control(5)): paragraphs of `Key: value` lines, with `Package`, `Status` and `Version`.
    private func installed() -> [Inventory.Application] {
        reader.whole(file: "var/lib/dpkg/status", "applications", limit: 64 << 20) { .value(Self.installed($0)) } ?? []
    }

    static func installed(_ bytes: UnsafeRawBufferPointer) -> [Inventory.Application] {
        var found: [Inventory.Application] = []
        var (package, version, isInstalled): (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, Bool) = (nil, nil, false)
        func finish() {
            defer { (package, version, isInstalled) = (nil, nil, false) }
            guard isInstalled, let name = package.flatMap(FactText.valid), let application = ApplicationTable.application(package: name)
            else { return }
            found.append(
                Inventory.Application(name: application, version: version.flatMap(FactText.valid), evidence: "package \(name)"))
        }
        for line in Lines(bytes) {
            if line.isEmpty {
                finish()
            } else if FactText.starts(line, with: "Package: ") {
                package = UnsafeRawBufferPointer(rebasing: line[9...])
            } else if FactText.starts(line, with: "Version: ") {
                version = UnsafeRawBufferPointer(rebasing: line[9...])
            } else if FactText.equal(line, "Status: install ok installed") || FactText.equal(line, "Status: hold ok installed") {
                isInstalled = true
            }
        }
        finish()
        return found
    }

    /// `proc/PID/comm` of every process.
    private func running() -> [Inventory.Application] {
        var found: [String: String] = [:]
        for name in reader.names("proc", "applications")
        where name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // A process that ended meanwhile is no problem.
            guard case .value(let bytes) = reader.readFile("proc/\(name)/comm"), let command = FactText.valid(bytes) else { continue }
            if let application = ApplicationTable.application(process: command) { found[application] = command }
        }
        return found.map { Inventory.Application(name: $0.key, evidence: "process \($0.value)") }
    }
}
