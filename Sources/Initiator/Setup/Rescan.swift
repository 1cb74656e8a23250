import Files
import Glibc
import ISCSI
import Identifiers

/// Looks at logical units anew, those of sessions or behind Fibre Channel ports, through sysfs: those that came, and the sizes of those that are there.
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
        return try run(
            hosts: Set(sessions.compactMap(\.host)), before: sessions.flatMap(\.units), folders: sessions.map { sessionFolder($0.number) },
            multipathd: multipathd
        ) { () throws(SetupError) in
            let after = try state()
            return (after.sessions.filter { numbers.contains($0.number) }.flatMap(\.units), after)
        }
    }

    /// The same for Fibre Channel: the hosts' remote ports, and what is behind them.
    package func run(
        _ ports: [FibreChannelPort], state: () throws(SetupError) -> HostState, multipathd: ExternalProgram?
    ) throws(SetupError) -> [Change] {
        let names = Set(ports.map(\.name))
        return try run(
            hosts: names, before: ports.flatMap(\.units),
            folders: ports.flatMap(\.remotePorts).map { "\(tree.sysfs)/class/fc_remote_ports/\($0.name)/device" }, multipathd: multipathd
        ) { () throws(SetupError) in
            let after = try state()
            return (after.fibreChannel.filter { names.contains($0.name) }.flatMap(\.units), after)
        }
    }

    /// `folders` are those below which the kernel has targets and units; `after` tells of them when all is found.
    private func run(
        hosts: Set<String>, before: [LiveSession.Unit], folders: [String], multipathd: ExternalProgram?,
        after: () throws(SetupError) -> (units: [LiveSession.Unit], state: HostState)
    ) throws(SetupError) -> [Change] {
        for host in hosts.sorted() { try write("- - -", to: "class/scsi_host/\(host)/scan") }
        for unit in before { try write("1", to: "block/\(unit.name)/device/rescan") }
        let deadline = ContinuousClock().now + patience
        for folder in folders {
            while try !unfinished(below: folder).isEmpty, ContinuousClock().now < deadline { pause(.milliseconds(50)) }
        }
        let (units, state) = try after()
        let old = Dictionary(before.map { ($0.name, $0) }) { first, _ in first }
        var changes: [Change] = []
        for unit in units {
            guard let known = old[unit.name] else {
                changes.append(Change(kind: .new, unit: unit))
                continue
            }
            if let one = known.wwid, let other = unit.wwid, one != other { changes.append(Change(kind: .wwid, unit: unit, before: known)) }
            if known.sizeBytes != unit.sizeBytes { changes.append(Change(kind: .size, unit: unit, before: known)) }
        }
        if let multipathd {
            let grown = changes.filter { $0.kind == .size }.compactMap { state.map(over: $0.unit.name) }
            for map in Set(grown.map { $0.mapName ?? $0.name }) {
                let result = try multipathd.run(["resize", "map", map], deadline: .seconds(60))
                guard result.status == 0 else {
                    throw .outcome(.timedOut, detail: "the multipath map \(map) does not take the new size: \(result.detail)")
                }
            }
        }
        return changes
    }

    func sessionFolder(_ number: UInt32) -> String { "\(tree.sysfs)/class/iscsi_session/session\(number)/device" }

    /// Units that are disks and have no block device yet: the kernel makes it after the scan has ended (`sd_probe`, drivers/scsi/sd.c).
    func unfinished(below path: String) throws(SetupError) -> [String] {
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

extension Rescan.Change {
    /// For people.
    package var line: String {
        let size = unit.sizeBytes.map { ByteCount($0).description } ?? "unknown size"
        switch kind {
        case .new: return "\(unit.name): new, LUN \(unit.lun), \(size), WWID \(unit.wwid?.description ?? "unknown")"
        case .size: return "\(unit.name): \(before?.sizeBytes.map { ByteCount($0).description } ?? "-") became \(size)"
        case .wwid: return "\(unit.name): WWID \(before?.wwid?.description ?? "-") became \(unit.wwid?.description ?? "unknown")"
        }
    }
}
