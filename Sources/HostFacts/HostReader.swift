import Files
import Glibc
import Identifiers
import Inventory

/// Reads a host's facts from the kernel's interfaces: sysfs, procfs, udev's database, a few files of /etc. No command is run, no device
/// opened.
package struct HostReader {
    private let tree: Tree
    private let usageDeadline: Duration
    private let privileged: PrivilegedFacts?
    private let mounts: MountView

    /// Throws where `sysroot` is no directory. With a sysroot, file systems are not asked for their free space: it would be this machine's.
    /// `privileged` is what a process with more rights has read (`PrivilegedFacts.read`); without it, what this process may read is.
    package init(
        sysroot: String? = nil, usageDeadline: Duration = .seconds(2), privileged: PrivilegedFacts? = nil,
        mounts: MountView = .host
    ) throws(FileError) {
        tree = try Tree(sysroot: sysroot)
        self.usageDeadline = usageDeadline
        self.privileged = privileged
        self.mounts = mounts
    }

    /// All facts of a level. What could not be read is left out and stands under `problems`.
    package func inventory(level: Inventory.Level = .storage, trace: Trace? = nil) -> Inventory {
        let reader = FactReader(tree: tree, trace: trace, privileged: privileged)
        trace?.subject = "host"
        let host = HostFactsReader(reader: reader).read()
        let objects = TransportObjects(reader: reader)
        var blockDevices: [Inventory.BlockDevice] = []
        var fileSystems: [Inventory.FileSystem] = []
        var table: [Mount] = []
        if level >= .storage {
            var devices = BlockDeviceReader(reader: reader, objects: objects)
            blockDevices = devices.all()
            PathReader(reader: reader, objects: objects).complete(&blockDevices)
            (fileSystems, table) = self.fileSystems(reader, blockDevices, elsewhere: level >= .applications && mounts == .host)
        }
        let applications =
            level >= .applications ? ApplicationReader(reader: reader, mounts: table, blockDevices: blockDevices).all() : []
        let inventory = Inventory(
            host: host, initiators: objects.initiators, blockDevices: blockDevices, fileSystems: fileSystems, applications: applications,
            problems: reader.problems, remotePorts: objects.remotePorts, sessions: objects.sessions, controllers: objects.controllers
        ).limited(to: level).withinBounds()
        trace?.addDerived(from: inventory)
        return inventory
    }

    /// The file systems alone, with their free space: what a `free-space` message tells. Cheaper than all facts, and its problems are its
    /// own.
    package func fileSystems() -> (fileSystems: [Inventory.FileSystem], problems: [Inventory.Problem]) {
        let reader = FactReader(tree: tree, privileged: privileged)
        var devices = BlockDeviceReader(reader: reader, objects: TransportObjects(reader: reader))
        let blockDevices = devices.all()
        let before = reader.problems.count
        let fileSystems = self.fileSystems(reader, blockDevices, elsewhere: false).fileSystems.sortedByKey()
        return (fileSystems, Array(reader.problems[before...]).sortedByKey())
    }

    /// The iSCSI sessions alone.
    package func sessions() -> [Inventory.Session] { SessionReader(reader: FactReader(tree: tree, privileged: privileged)).all() }

    /// The file systems that are told, and the whole table of mounts that they were found in.
    private func fileSystems(
        _ reader: FactReader, _ blockDevices: [Inventory.BlockDevice], elsewhere: Bool
    ) -> (fileSystems: [Inventory.FileSystem], mounts: [Mount]) {
        var table = FileSystemReader(reader: reader, blockDevices: blockDevices, view: mounts)
        var mounted = table.all()
        if tree.isLive { readUsage(of: &mounted, reader) }
        return (mounted.map(\.facts) + (elsewhere ? table.elsewhere() : []), table.mounts)
    }

    /// Each file system is asked once, however often it is mounted.
    private func readUsage(of mounted: inout [MountedFileSystem], _ reader: FactReader) {
        var groups = NameIndex()
        var asked: [[Int]] = []
        for index in mounted.indices where mounted[index].canBeAsked {
            if let number = mounted[index].deviceNumber, let group = groups[number.description] {
                asked[group].append(index)
            } else {
                if let number = mounted[index].deviceNumber { groups.insert(number.description, at: asked.count) }
                asked.append([index])
            }
        }
        // First those that may be slow, in threads; most hosts have none.
        asked = asked.filter { !mounted[$0[0]].answersFromMemory } + asked.filter { mounted[$0[0]].answersFromMemory }
        let slow = asked.prefix { !mounted[$0[0]].answersFromMemory }.map { mounted[$0[0]].facts.mountPoint }
        let outcomes = slow.isEmpty ? [] : FileSystemUsage.ask(slow, deadline: usageDeadline, outstanding: .ofThisProcess)
        for (index, indices) in asked.enumerated() {
            let outcome = index < outcomes.count ? outcomes[index] : FileSystemUsage.askKernel(mounted[indices[0]].facts.mountPoint)
            let mountPoint = mounted[indices[0]].facts.mountPoint
            reader.trace?.subject = mountPoint
            switch outcome {
            case .reading(let reading):
                reader.trace?.add("sizeBytes", String(mountPoint.dropFirst()), "statfs: \(reading.sizeBytes)")
                for index in indices {
                    mounted[index].facts.sizeBytes = reading.sizeBytes
                    mounted[index].facts.usedBytes = reading.usedBytes
                    mounted[index].facts.availableBytes = reading.availableBytes
                    mounted[index].facts.inodes = reading.inodes
                    mounted[index].facts.availableInodes = reading.availableInodes
                }
            case .unreadable(let errno):
                reader.note(String(mountPoint.dropFirst()), "sizeBytes", "unreadable: \(FactText.text(ofErrno: errno))")
            case .timedOut:
                reader.note(String(mountPoint.dropFirst()), "sizeBytes", "timed out after \(usageDeadline)")
            }
        }
    }
}
