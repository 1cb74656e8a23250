import Files
import Glibc
import ISCSI
import Identifiers

/// Looks at sessions' logical units anew, through sysfs: those that came, and the sizes of those that are there.
package struct Rescan: Sendable {
    let tree: OpenISCSITree

    package init(_ tree: OpenISCSITree) { self.tree = tree }

    /// What is other than before.
    package struct Change: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case new
            case size
            /// Another volume stands behind the same number: nothing must be written to it.
            case wwid
        }
        package var kind: Kind
        package var unit: LiveSession.Unit
        package var before: LiveSession.Unit?
    }

    /// Throws where the kernel refuses; what is not told by then stays so.
    package func run(
        _ numbers: Set<UInt32>, state: () throws(SetupError) -> HostState, multipathd: ExternalProgram?
    ) throws(SetupError) -> [Change] {
        let before = try state()
        let sessions = before.sessions.filter { numbers.contains($0.number) }
        for host in Set(sessions.compactMap(\.host)) { try write("- - -", to: "class/scsi_host/\(host)/scan") }
        for unit in sessions.flatMap(\.units) { try write("1", to: "block/\(unit.name)/device/rescan") }
        let after = try state()
        let old = Dictionary(sessions.flatMap(\.units).map { ($0.name, $0) }) { first, _ in first }
        var changes: [Change] = []
        for unit in after.sessions.filter({ numbers.contains($0.number) }).flatMap(\.units) {
            guard let known = old[unit.name] else {
                changes.append(Change(kind: .new, unit: unit))
                continue
            }
            if let one = known.wwid, let other = unit.wwid, one != other { changes.append(Change(kind: .wwid, unit: unit, before: known)) }
            if known.sizeBytes != unit.sizeBytes { changes.append(Change(kind: .size, unit: unit, before: known)) }
        }
        if let multipathd {
            let grown = changes.filter { $0.kind == .size }.compactMap { after.map(over: $0.unit.name) }
            for map in Set(grown.map { $0.mapName ?? $0.name }) {
                let result = try multipathd.run(["resize", "map", map], deadline: .seconds(60))
                guard result.status == 0 else {
                    throw .outcome(.timedOut, detail: "the multipath map \(map) does not take the new size: \(result.detail)")
                }
            }
        }
        return changes
    }

    private func write(_ text: String, to path: String) throws(SetupError) {
        do throws(FileError) {
            try FileDescriptor(opening: "\(tree.sysfs)/\(path)", flags: O_WRONLY).writeAll(Array(text.utf8))
        } catch {
            // A unit that has gone is none to look at.
            if error.errno == ENOENT || error.errno == ENXIO { return }
            throw .file(error)
        }
    }
}
