import Files
import Glibc
import Identifiers
import ScratchPad
import Synchronization

/// The file system under a pad, in memory: what was not forced out is lost, torn or reordered when its writer crashes, and calls fail when
/// they are told to. One seed gives one history.
///
/// Machines see each other's changes at once, as on one file server; what a machine had not forced out may be taken back when it crashes,
/// even though others saw it.
package final class SimulatedStorage: Sendable {
    /// Whose writes a crash takes back.
    package typealias Machine = Int

    /// What goes wrong, in parts of a thousand of all calls that could.
    package struct Faults: Equatable, Sendable {
        /// Reads, writes, renames and removals that fail with EIO.
        package var inputOutput = 0
        /// Forcing out fails, and what was written is torn.
        package var forcing = 0
        /// Writes that fail with ENOSPC, leaving a part.
        package var space = 0
        package init() {}
    }

    let state: Mutex<State>

    package init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

    /// The medium as one machine has it.
    package func medium(for machine: Machine) -> SimulatedMedium { SimulatedMedium(storage: self, machine: machine) }

    package func setFaults(_ faults: Faults, for machine: Machine) { state.withLock { $0.faults[machine] = faults } }

    /// The clock of the file system, for modification times; whole seconds where `isCoarse`.
    package func setClock(_ now: Timestamp, isCoarse: Bool = false) {
        state.withLock {
            $0.now = now.microseconds * 1000
            if isCoarse { $0.now -= $0.now % 1_000_000_000 }
        }
    }

    /// After that many further calls of this machine every call fails with `.crashed`, until `restart`.
    package func crash(_ machine: Machine, afterCalls count: Int) { state.withLock { $0.callsLeft[machine] = count } }

    /// What went wrong on it so far.
    package struct Met: Equatable, Sendable {
        /// Names that a crash took back.
        package var lost = 0
        /// Contents that a crash or a failed write left cut, zeroed or changed.
        package var torn = 0
        /// Calls that failed because they were told to.
        package var failed = 0
    }

    package var met: Met { state.withLock { $0.met } }

    package func isCrashed(_ machine: Machine) -> Bool { state.withLock { $0.callsLeft[machine] == 0 } }

    /// The machine comes back: of what it had not forced out, each thing survived or did not.
    package func restart(_ machine: Machine) {
        state.withLock { state in
            state.callsLeft[machine] = nil
            state.lose(machine)
        }
    }

    /// Another process writes a file, forced out: for planting.
    package func plant(_ content: PadFile, as name: PadName, in folder: PadFolder) {
        state.withLock { state in
            let file = state.newFile(content, machine: -1, isDurable: true)
            if state.folders[folder] == nil { state.folders[folder] = Folder(inode: state.random.next()) }
            state.folders[folder]?.entries[name] = file
            state.touch(folder)
        }
    }

    /// What every call fails with while a machine is crashed.
    package static let crashed = PadError.file(.system(operation: "run on a crashed machine", path: "simulation", errno: ESHUTDOWN))

    struct File {
        var content: PadFile
        var writer: Machine
        var isDurable: Bool
    }

    struct Folder {
        let inode: UInt64
        var modified: Int64 = 0
        var entries: [PadName: Int] = [:]
    }

    /// A change of names that a crash may take back.
    struct Change {
        let machine: Machine
        let removed: (folder: PadFolder, name: PadName, file: Int)?
        let added: (folder: PadFolder, name: PadName, file: Int)?
        /// What `added` took the place of.
        let replaced: Int?

        func touches(_ folder: PadFolder) -> Bool { removed?.folder == folder || added?.folder == folder }
    }

    struct State {
        var random: SplitMix64
        var now: Int64 = 1_795_246_200_000_000_000
        var folders: [PadFolder: Folder] = [:]
        var files: [Int: File] = [:]
        var nextFile = 1
        var pending: [Change] = []
        var faults: [Machine: Faults] = [:]
        var callsLeft: [Machine: Int] = [:]
        var met = Met()
    }
}

extension SimulatedStorage.State {
    /// Counts a call; throws where the machine is crashed.
    mutating func call(_ machine: Int) throws(PadError) {
        guard let left = callsLeft[machine] else { return }
        if left == 0 { throw SimulatedStorage.crashed }
        callsLeft[machine] = left - 1
        if left == 1 { throw SimulatedStorage.crashed }
    }

    mutating func happens(_ permille: Int) -> Bool {
        guard permille > 0, Int.random(in: 0..<1000, using: &random) < permille else { return false }
        met.failed += 1
        return true
    }

    mutating func newFile(_ content: PadFile, machine: Int, isDurable: Bool) -> Int {
        defer { nextFile += 1 }
        files[nextFile] = SimulatedStorage.File(content: content, writer: machine, isDurable: isDurable)
        return nextFile
    }

    mutating func touch(_ folder: PadFolder) { folders[folder]?.modified = now }

    /// Takes back, in any combination, names that were not forced out, and tears contents that were not.
    mutating func lose(_ machine: Int) {
        for change in pending.reversed() where change.machine == machine && Bool.random(using: &random) {
            met.lost += 1
            if let added = change.added, folders[added.folder]?.entries[added.name] == added.file {
                folders[added.folder]?.entries[added.name] = change.replaced
                touch(added.folder)
            }
            if let removed = change.removed, folders[removed.folder]?.entries[removed.name] == nil {
                folders[removed.folder]?.entries[removed.name] = removed.file
                touch(removed.folder)
            }
        }
        pending.removeAll { $0.machine == machine }
        for (number, file) in files.sorted(by: { $0.key < $1.key }) where file.writer == machine && !file.isDurable {
            files[number]?.isDurable = true
            guard case .content(let bytes) = file.content else { continue }
            let torn = torn(bytes)
            files[number]?.content = .content(torn)
        }
        // A name that another machine took away, and has not forced out, may come back yet.
        let live = Set(
            folders.values.flatMap(\.entries.values)
                + pending.flatMap { [$0.removed?.file, $0.added?.file, $0.replaced] }.compactMap(\.self))
        files = files.filter { live.contains($0.key) }
    }

    /// Whole, cut, with zeros in place of an end, or with other bytes in it.
    mutating func torn(_ bytes: [UInt8]) -> [UInt8] {
        let torn = mangled(bytes)
        if torn != bytes { met.torn += 1 }
        return torn
    }

    private mutating func mangled(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        let cut = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return bytes
        case 1: return Array(bytes[..<cut])
        case 2: return bytes[..<cut] + [UInt8](repeating: 0, count: bytes.count - cut)
        default:
            var torn = bytes
            torn[cut] ^= UInt8.random(in: 1...255, using: &random)
            return torn
        }
    }
}

/// A small generator with a seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
