import Glibc
import Inventory

/// Finds mount namespaces other than the host's by looking at the beginning of each process's `mountinfo`: a mount's ID is its own in the whole
/// machine, so that tables of different namespaces begin with different numbers. Anybody may read these; the links below `ns` are the
/// processes' owners' alone.
struct MountNamespaces {
    /// As many processes are looked at, and as many namespaces are read.
    private static let maximumProcesses = 32_768
    private static let maximumNamespaces = 512
    private static let maximumMounts = 100_000
    /// Of all their tables together: 512 containers have less than 10 MiB. Anybody may make namespaces, with paths of 4 KiB in each line.
    private static let maximumBytes = 16 << 20

    let reader: FactReader

    struct Namespace {
        /// The process's name.
        let process: String
        let path: String
        let mounts: [Mount]
    }

    /// Sorted by the processes' numbers: the first of a namespace stands for it. What is beyond the bounds is noted.
    func others() -> [Namespace] {
        guard let directory = reader.tree.directory("proc", listing: true) else { return [] }
        var processes: [Int32] = []
        var isWhole = true
        reader.eachName(in: directory, "fileSystems") { name in
            guard let number = FactText.decimal(name), let process = Int32(exactly: number) else { return }
            if processes.count < Self.maximumProcesses { processes.append(process) } else { isWhole = false }
        }
        processes.sort()
        var known = NameIndex()
        for path in [MountTables.host, MountTables.own] {
            if let identity = Self.identity(reader, path) { known.insert(identity, at: 0) }
        }
        var result: [Namespace] = []
        var (mounts, bytes) = (0, Self.maximumBytes)
        for process in processes {
            let path = "proc/\(process)/mountinfo"
            guard let identity = Self.identity(reader, path), known[identity] == nil else { continue }
            known.insert(identity, at: 0)
            guard result.count < Self.maximumNamespaces, mounts < Self.maximumMounts, bytes > 0 else {
                isWhole = false
                break
            }
            guard let (table, isAll) = MountTables(reader: reader, view: .host).others(path, limit: &bytes) else { continue }
            isWhole = isWhole && isAll
            mounts += table.mounts.count
            result.append(Namespace(process: name(process), path: path, mounts: table.mounts))
        }
        if !isWhole {
            reader.note(
                "proc", "fileSystems",
                "not all mount namespaces are read: at most \(Self.maximumNamespaces), of \(Self.maximumProcesses) processes, with \(Self.maximumMounts) mounts and \(Self.maximumBytes >> 20) MiB of tables"
            )
        }
        return result
    }

    private func name(_ process: Int32) -> String {
        guard case .value(let bytes) = reader.readFile("proc/\(process)/comm"), let name = FactText.valid(bytes) else { return "unknown" }
        return name
    }

    /// The ID of the first mount of a process's table, and of its parent; nil where there is none to be read.
    static func identity(_ reader: FactReader, _ path: String) -> String? {
        guard let bytes = reader.beginning(ofFile: path, count: 256) else { return nil }
        var fields = Fields(bytes)
        guard let id = fields.next(), FactText.decimal(id) != nil, let parent = fields.next(), FactText.decimal(parent) != nil else {
            return nil
        }
        return "\(String(decoding: id, as: UTF8.self)) \(String(decoding: parent, as: UTF8.self))"
    }
}
