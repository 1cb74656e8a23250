import Foundation
import Inventory
import Testing

@testable import HostFacts

@Suite struct MountViewTests {
    @Test func anOverlayLiesOnWhatItsUpperDirectoryLiesOn() throws {
        let tree = try SampleHost.stacked.build()
        try tree.file(
            "proc/self/mountinfo",
            """
            60 1 253:0 / / rw - ext4 /dev/mapper/secret rw
            61 60 0:45 /@home /home rw,relatime - btrfs /dev/sda2 rw,space_cache=v2,subvol=/@home
            70 60 0:70 / /merged rw - overlay overlay rw,lowerdir=/usr/a:/usr/b,upperdir=/home/up\\040per,workdir=/home/w
            71 60 0:71 / /lower ro - overlay overlay ro,lowerdir=/usr/a:/home/b
            72 60 0:72 / /twice rw - overlay overlay rw,lowerdir=/a,upperdir=/merged/x,workdir=/merged/y

            """)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        func devices(_ place: String) -> [String]? { inventory.fileSystems.first { $0.mountPoint == place }?.devices }
        #expect(devices("/merged") == ["sda2", "sdb2"])
        #expect(devices("/lower") == ["dm-0"])
        #expect(devices("/twice") == ["sda2", "sdb2"])
    }

    @Test func anOverlayOnAServersFilesIsToldByName() throws {
        let tree = try SampleHost.stacked.build()
        try tree.file(
            "proc/self/mountinfo",
            """
            60 1 253:0 / / rw - ext4 /dev/mapper/secret rw
            61 60 0:99 / /far rw - nfs4 server:/x rw
            62 60 0:98 / /box rw - overlay overlay rw,lowerdir=/far/a,upperdir=/far/b,workdir=/far/w

            """)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/", "/box", "/far"])
    }

    /// A type that nobody here has heard of may be anybody's server: it is told, and not asked.
    @Test(arguments: [
        "panfs", "wekafs", "acfs", "vboxsf", "davfs", "fuse.rclone", "fuse.quobyte", "fuse", "nfs4", "new2031fs", "fuse.mergerfs",
        "fuse.encfs",
        "fuse.gocryptfs", "fuse.bindfs", "fuse.fuse-overlayfs", "ecryptfs", "aufs",
    ])
    func aTypeThatIsNotKnownIsTold(type: String) throws {
        let tree = try SampleHost.stacked.build()
        let root = "60 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n"
        try tree.file("proc/self/mountinfo", root + "61 60 0:99 / /far rw - \(type) server:/x rw\n62 60 0:98 / /none rw - \(type)  rw\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.source) == ["/dev/mapper/secret", "server:/x", "none"])
        #expect(!FileSystemKind.answersAtOnce(type))
    }

    /// Whoever mounts writes the source that he likes.
    @Test func aSourceThatIsOnlySaidIsNotBelieved() throws {
        let tree = try SampleHost.stacked.build()
        let root = "60 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n"
        try tree.file(
            "proc/self/mountinfo", root + "61 60 0:99 / /mine rw - tmpfs /dev/sda1 rw\n62 60 0:98 / /his rw - fuse.x /dev/sda1 rw\n")
        #expect(try HostReader(sysroot: tree.root).inventory().fileSystems.allSatisfy { $0.mountPoint == "/" || $0.devices.isEmpty })
    }

    /// A path of this machine's /dev leads nowhere else: not up, not over links of processes, not into what is mounted there.
    @Test func devicesAreLookedForBelowDevAlone() throws {
        let tree = try Tree()
        for path in ["../dev/null", "..", "/dev/null", "fd/0", "stdin", "shm/../null", "null", "no/such", ""] {
            #expect(tree.blockDevice(below: path) == nil, "\(path)")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: "/sys/class/block") {
            var status = stat()
            guard stat("/dev/\(name)", &status) == 0 else { continue }
            #expect(tree.blockDevice(below: name) == UInt64(status.st_rdev), "\(name)")
            #expect(tree.blockDevice(below: "../dev/\(name)") == nil, "\(name)")
        }
    }

    @Test func mountsOfOtherNamespacesAreToldWhereTheyAreNew() throws {
        let tree = try SampleHost.stacked.build()
        let own = "60 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n"
        try tree.file("proc/self/mountinfo", own)
        try tree.file("proc/1/mountinfo", own)
        // The same namespace, another with nothing new, and a container with a volume of its own.
        try tree.file("proc/2/mountinfo", own)
        try tree.file("proc/300/mountinfo", "90 80 253:0 /srv / rw - ext4 /dev/mapper/secret rw\n91 90 0:5 / /proc rw - proc proc rw\n")
        try tree.file(
            "proc/400/mountinfo", "100 99 0:90 / / rw - overlay overlay rw,upperdir=/x\n101 100 8:1 / /data rw - xfs /dev/sda1 rw\n")
        try tree.file(
            "proc/401/mountinfo", "100 99 0:90 / / rw - overlay overlay rw,upperdir=/x\n101 100 8:1 / /data rw - xfs /dev/sda1 rw\n")
        try tree.file("proc/400/comm", "postgres\n")
        let reader = try HostReader(sysroot: tree.root)
        let inventory = reader.inventory(level: .applications)
        #expect(inventory.fileSystems.map(\.key) == ["/ /dev/mapper/secret", "/data /dev/sda1 postgres"])
        #expect(inventory.fileSystems.last?.devices == ["sda1"])
        #expect(reader.inventory() == inventory.limited(to: .storage) && reader.inventory().fileSystems.count == 1)
        #expect(try HostReader(sysroot: tree.root, mounts: .own).inventory(level: .applications).fileSystems.count == 1)
        #expect(reader.fileSystems().fileSystems.count == 1)
    }

    @Test func namespacesThatAreTooManyAreSaidToBe() throws {
        let tree = try SampleHost.stacked.build()
        for process in 1...514 {
            try tree.file("proc/\(process)/mountinfo", "\(process * 10) 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n")
        }
        try tree.file("proc/self/mountinfo", "10 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n")
        let problems = try HostReader(sysroot: tree.root).inventory(level: .applications).problems
        #expect(
            problems.map(\.path) == ["/proc"] && problems.first?.reason.hasPrefix("not all mount namespaces are read: at most 512") == true)
        try tree.remove("proc/514")
        #expect(try HostReader(sysroot: tree.root).inventory(level: .applications).problems.isEmpty)
    }

    /// As in a container: other namespaces than this one's can be seen, and none of them hangs or fails the reading.
    @Test func thisMachinesOtherNamespacesAreRead() throws {
        let reader = FactReader(tree: try Tree())
        let known = Set([MountTables.own, MountTables.host].compactMap { MountNamespaces.identity(reader, $0) })
        #expect(!known.isEmpty)
        for namespace in MountNamespaces(reader: reader).others() {
            #expect(!namespace.process.isEmpty)
        }
    }
}
