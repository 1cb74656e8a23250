import Files
import Glibc
import ISCSI
import Identifiers

/// Looks at sessions' logical units anew, through sysfs: those that came, and the sizes of those that are there.
package struct Rescan: Sendable {
    let tree: OpenISCSITree
    /// How long the kernel may take to make a disk of a unit that it has found.
    let patience: Duration

    package init(_ tree: OpenISCSITree, patience: Duration = .seconds(10)) {
        self.tree = tree
        self.patience = patience
    }

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
        let deadline = ContinuousClock().now + patience
        for session in sessions {
            while try !unfinished(session.number).isEmpty, ContinuousClock().now < deadline { pause(.milliseconds(50)) }
        }
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

    /// Units of a session that are disks and have no block device yet: the kernel makes it after the scan has ended (`sd_probe`, drivers/scsi/sd.c).
    func unfinished(_ session: UInt32) throws(SetupError) -> [String] {
        let path = "\(tree.sysfs)/class/iscsi_session/session\(session)/device"
        do throws(FileError) {
            var units: [String] = []
            for target in try FileDescriptor(directory: path).names() where target.hasPrefix("target") {
                for unit in try FileDescriptor(directory: "\(path)/\(target)").names()
                where unit.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false {
                    let type = try readFile("\(path)/\(target)/\(unit)/type", limit: 64)
                    if type.starts(with: "0\n".utf8), access("\(path)/\(target)/\(unit)/block", F_OK) != 0 { units.append(unit) }
                }
            }
            return units
        } catch {
            // What goes meanwhile is none to wait for.
            if error.errno == ENOENT || error.errno == ENODEV || error.errno == ENXIO { return [] }
            throw .file(error)
        }
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
