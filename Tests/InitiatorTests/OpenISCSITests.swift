import Files
import Glibc
import ISCSI
import Identifiers
import Inventory
import Synchronization
import TestPrograms
import Testing

@testable import Initiator

@Suite struct OpenISCSITests {
    @Test func `a program has a clean environment and no input, and its output is one printable line`() throws {
        setenv("PLANTED", "planted", 1)
        let result = try ExternalProgram(path: "/bin/sh").run(
            ["-c", "env; cat; printf 'a\\033[2Jb\\302\\233c\\n'; exit 24"], deadline: .seconds(120))
        #expect(result.status == 24)
        #expect(!result.detail.contains("PLANTED"))
        #expect(result.detail.hasSuffix("a?[2Jb?c"))
    }

    @Test func `a program that does not end is ended with what it started`() throws {
        #expect(try ExternalProgram(path: "/bin/sh").run(["-c", "sleep 1000 & sleep 1000"], deadline: .milliseconds(100)).status == nil)
    }

    @Test func `output without end is bounded`() throws {
        let result = try ExternalProgram(path: "/bin/sh").run(["-c", "head -c 3000000 /dev/zero | tr '\\0' x"], deadline: .seconds(120))
        #expect(result.status == 0)
        #expect(result.detail.utf8.count == 500)
    }

    @Test func `every exit code of iscsiadm has its outcome`() {
        #expect(IscsiadmStatus.allCases.count == 34)
        #expect(IscsiadmStatus(rawValue: 24)?.outcome == .wrongUserOrSecret)
        #expect(IscsiadmStatus(rawValue: 15)?.outcome == .alreadyConnected)
        #expect(IscsiadmStatus(rawValue: 20)?.outcome == .serviceDown)
        #expect(IscsiadmStatus(rawValue: 8)?.outcome == .timedOut)
        let done = IscsiadmStatus.allCases.filter { $0.outcome == .done }
        #expect(done == [IscsiadmStatus.success])
    }

    @Test func `multipathd runs where the process that its file names is multipathd`() throws {
        let folder = try TestFolder()
        #expect(!MultipathDaemon(root: folder.path).runs)
        try folder.file("run/multipathd.pid", "77\n")
        #expect(!MultipathDaemon(root: folder.path).runs)
        try folder.file("proc/77/comm", "cron\n")
        #expect(!MultipathDaemon(root: folder.path).runs)
        try folder.file("proc/77/comm", "multipathd\n")
        #expect(MultipathDaemon(root: folder.path).runs)
        unlink("\(folder.path)/run/multipathd.pid")
        try makeDirectories("\(folder.path)/run/multipathd.pid")
        #expect(MultipathDaemon(root: folder.path).runs)
    }

    @Test func `a scan has ended when each disk that it found has its block device`() throws {
        let folder = try TestFolder()
        let rescan = Rescan(OpenISCSITree(root: folder.path))
        #expect(try rescan.unfinished(below: rescan.sessionFolder(3)).isEmpty)
        let unit = "sys/class/iscsi_session/session3/device/target2:0:0/2:0:0"
        try folder.file("\(unit):0/type", "0\n")
        try folder.file("\(unit):0/block/sda/size", "1\n")
        try folder.file("\(unit):1/type", "0\n")
        try folder.file("\(unit):2/type", "31\n")
        #expect(try rescan.unfinished(below: rescan.sessionFolder(3)) == ["2:0:0:1"])
        try folder.file("\(unit):1/block/sdb/size", "1\n")
        #expect(try rescan.unfinished(below: rescan.sessionFolder(3)).isEmpty)
    }

    @Test func `a new initiator name stands in the place of the old one, and comments stay`() throws {
        let folder = try TestFolder()
        try folder.file("etc/iscsi/initiatorname.iscsi", "## comment\nGenerateName=yes\nInitiatorName=iqn.1993-08.org.debian:01:old\n")
        let record = InitiatorNameRecord(OpenISCSITree(root: folder.path))
        #expect(try record.name()?.spelling == "iqn.1993-08.org.debian:01:old")
        try record.set(try #require(ISCSIName("iqn.2026-11.example:new")))
        #expect(
            String(decoding: try readFile("\(folder.path)/etc/iscsi/initiatorname.iscsi"), as: UTF8.self)
                == "## comment\nInitiatorName=iqn.2026-11.example:new\n")
        #expect(try InitiatorNameRecord(OpenISCSITree(root: folder.path + "/none")).name() == nil)
    }

    // MARK: The initiator name's file

    private static let fileName = "etc/iscsi/initiatorname.iscsi"

    private func set(_ folder: TestFolder) throws(SetupError) {
        guard let name = ISCSIName("iqn.2026-11.example:new") else { return }
        try InitiatorNameRecord(OpenISCSITree(root: folder.path)).set(name)
    }

    @Test(arguments: [0o644, 0o640, 0o600] as [UInt32])
    func `the file of the initiator name keeps its mode and its owner`(_ mode: UInt32) throws {
        let folder = try TestFolder()
        try folder.file(Self.fileName, "InitiatorName=iqn.2026-11.example:old\n", mode: mode)
        let path = "\(folder.path)/\(Self.fileName)"
        if geteuid() == 0 { try #require(chown(path, 0, 6) == 0) }
        try set(folder)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == mode)
        #expect(geteuid() != 0 || (status.st_uid, status.st_gid) == (0, 6))
    }

    @Test func `where there was no file only root may read the new one`() throws {
        let folder = try TestFolder()
        try set(folder)
        #expect(folder.picture("etc")["\(folder.path)/etc/iscsi/initiatorname.iscsi"]?.hasPrefix("file 600 ") == true)
    }

    @Test func `a link stays a link, and the file behind it has the name`() throws {
        let folder = try TestFolder()
        try folder.file("srv/name", "InitiatorName=iqn.2026-11.example:old\n", mode: 0o640)
        try makeDirectories("\(folder.path)/etc/iscsi")
        try #require(symlink("../../srv/name", "\(folder.path)/\(Self.fileName)") == 0)
        try set(folder)
        #expect(folder.picture("etc")["\(folder.path)/\(Self.fileName)"] == "link ../../srv/name")
        #expect(folder.picture("srv")["\(folder.path)/srv/name"] == "file 640 InitiatorName=iqn.2026-11.example:new\n")
    }

    @Test(arguments: ["file", "folder", "above", "outside", "nowhere"])
    func `a link to what others may change is refused, and nothing is written`(_ fault: String) throws {
        let folder = try TestFolder()
        let outside = try TestFolder()
        try folder.file("srv/deep/name", "InitiatorName=iqn.2026-11.example:old\n")
        try outside.file("name", "InitiatorName=iqn.2026-11.example:old\n")
        try makeDirectories("\(folder.path)/etc/iscsi")
        let target = ["outside": "\(outside.path)/name", "nowhere": "/srv/nowhere"][fault] ?? "\(folder.path)/srv/deep/name"
        try #require(symlink(target, "\(folder.path)/\(Self.fileName)") == 0)
        switch fault {
        case "file": try #require(chmod("\(folder.path)/srv/deep/name", 0o660) == 0)
        case "folder": try #require(chmod("\(folder.path)/srv/deep", 0o777) == 0)
        case "above": try #require(chmod("\(folder.path)/srv", 0o770) == 0)
        default: break
        }
        let before = (folder.picture(""), outside.picture(""))
        let error = #expect(throws: SetupError.self) { try set(folder) }
        #expect(error?.outcome == .initiatorMisconfigured && error?.description.contains("is a link") == true)
        #expect((folder.picture(""), outside.picture("")) == before)
    }

    // MARK: Who uses a disk

    private func state() -> HostState {
        var volume = Inventory.BlockDevice(name: "dm-1", kind: "lvm", parents: ["dm-0"])
        (volume.volumeGroup, volume.logicalVolume) = ("labvg", "data")
        var map = Inventory.BlockDevice(name: "dm-0", kind: "multipath", parents: ["sda", "sdb"])
        map.mapName = "mpatha"
        let partition = Inventory.BlockDevice(name: "sdc1", kind: "partition", parents: ["sdc"])
        let disks = ["sda", "sdb", "sdc", "sdd"].map { Inventory.BlockDevice(name: $0, kind: "disk") }
        return HostState(
            Inventory(
                host: Inventory.Host(), blockDevices: disks + [map, volume, partition],
                fileSystems: [
                    Inventory.FileSystem(mountPoint: "/mnt/e", type: "ext4", source: "/dev/labvg/data", devices: ["dm-1"]),
                    Inventory.FileSystem(mountPoint: "[SWAP]", type: "swap", source: "/dev/sdc1", devices: ["sdc1"]),
                ]))
    }

    @Test func `a mounted file system on LVM on multipath is named with all between, what is mounted first`() {
        let users: [String] = state().users(of: ["sda"]).map(\.description)
        #expect(
            users == [
                "the file system mounted on /mnt/e uses sda", "the logical volume labvg/data uses sda", "the multipath map mpatha uses sda",
            ])
        #expect(state().users(of: ["sdc"]).map(\.kind) == [.swap])
        #expect(state().users(of: ["sdd"]).isEmpty)
        #expect(state().map(over: "sdb")?.mapName == "mpatha")
    }

    /// By the kernel: a loop device without a file.
    @Test(.enabled(if: geteuid() == 0 && access("/dev/loop7", F_OK) == 0, "no /dev/loop7 here, or not root"))
    func `a real process that has a device open is found, and who has it for himself`() throws {
        let folder = try TestFolder()
        let loop = DeviceNumber(major: 7, minor: 7)
        #expect(!OpenDevices.isClaimed("/dev/loop7", loop, pause: .zero))
        let claim = try FileDescriptor(opening: "/dev/loop7", flags: O_RDONLY | O_EXCL)
        #expect(OpenDevices.isClaimed("/dev/loop7", loop, pause: .zero))
        try #require(mkfifo("\(folder.path)/gate", 0o600) == 0)
        let gate = try FileDescriptor(opening: "\(folder.path)/gate", flags: O_RDWR)
        let process = try ChildProcess("/bin/cat", [], input: gate, errors: claim)
        defer {
            process.send(SIGKILL)
            process.waitUntilExit()
        }
        try Peer.wait("cat") { String(decoding: try readFile("/proc/\(process.processIdentifier)/comm"), as: UTF8.self) == "cat\n" }
        let found = OpenDevices().openers(of: [loop], looks: 2, pause: .zero)
        #expect(found == [OpenDevices.Opener(process: process.processIdentifier, name: "cat", device: loop)])
        #expect(OpenDevices().openers(of: [DeviceNumber(major: 7, minor: 250)]).isEmpty)
    }

    /// Of made processes: their descriptors are links to a device's node.
    @Test(.enabled(if: geteuid() == 0, "only root makes device nodes"))
    func `a process that has a disk or what lies on it open is named`() throws {
        let folder = try TestFolder()
        for (process, name) in [(4711, "postgres"), (4712, "multipathd"), (4713, "cat"), (4714, "qemu\u{1B}[2J")] {
            try folder.file("proc/\(process)/comm", "\(name)\n")
            try makeDirectories("\(folder.path)/proc/\(process)/fd")
        }
        // 7:201 the disk, 7:202 its map, 7:203 another disk.
        for minor in 201...203 as ClosedRange<UInt32> {
            try #require(mknod("\(folder.path)/node\(minor)", S_IFBLK | 0o600, dev_t(7 << 8 | minor)) == 0)
        }
        for (place, minor) in [("4711/fd/3", 201), ("4711/fd/9", 201), ("4712/fd/5", 201), ("4713/fd/1", 203), ("4714/fd/4", 202)] {
            try #require(symlink("\(folder.path)/node\(minor)", "\(folder.path)/proc/\(place)") == 0)
        }
        var disk = Inventory.BlockDevice(name: "sda", kind: "disk")
        disk.deviceNumber = DeviceNumber(major: 7, minor: 201)
        var map = Inventory.BlockDevice(name: "dm-0", kind: "multipath", parents: ["sda"])
        (map.deviceNumber, map.mapName) = (DeviceNumber(major: 7, minor: 202), "mpatha")
        var state = HostState(Inventory(host: Inventory.Host(), blockDevices: [disk, map]))
        state.openers = { [path = folder.path] in OpenDevices("\(path)/proc").openers(of: $0, looks: 2, pause: .zero) }
        let users: [String] = state.users(of: ["sda"]).map(\.description)
        #expect(
            users == [
                "the process 4711 (postgres) has sda open", "the process 4714 (qemu?[2J) has mpatha, which lies on sda, open",
                "the multipath map mpatha uses sda",
            ])
        // Of a node without a device, and of another device's node, nothing is known.
        #expect(!OpenDevices.isClaimed("\(folder.path)/node201", DeviceNumber(major: 7, minor: 201), pause: .zero))
        #expect(!OpenDevices.isClaimed("\(folder.path)/node201", DeviceNumber(major: 7, minor: 202), pause: .zero))
        for minor in 201...203 { unlink("\(folder.path)/node\(minor)") }
    }

    @Test(arguments: [
        (
            "running", "LOGGED_IN",
            ["something has dm-0, which lies on sda, for itself (a mount of another namespace, a pool, a target of this host)"]
        ),
        ("blocked", "LOGGED_IN", []), ("running", "FAILED", []),
    ])
    func `who has a disk for himself is told where its session works, and the kernel is asked only then`(
        _ disk: String, _ session: String, _ expected: [String]
    ) throws {
        let asked = Mutex<[String]>([])
        var own = Inventory.BlockDevice(name: "sda", kind: "disk")
        (own.deviceNumber, own.state) = (DeviceNumber(major: 8, minor: 0), disk)
        own.logicalUnit = Inventory.LogicalUnit(lun: 0, session: "session1")
        var above = Inventory.BlockDevice(name: "dm-0", kind: "multipath", parents: ["sda"])
        above.deviceNumber = DeviceNumber(major: 253, minor: 0)
        var of = Inventory.Session(name: "session1")
        (of.target, of.state) = (ISCSIName(SetupFixture.target), session)
        var state = HostState(Inventory(host: Inventory.Host(), blockDevices: [own, above], sessions: [of]))
        state.isClaimed = { name, _ in
            asked.withLock { $0.append(name) }
            return true
        }
        #expect(state.users(of: ["sda"]).filter { $0.kind != .multipath }.map(\.description) == expected)
        #expect(asked.withLock { $0 } == (expected.isEmpty ? [] : ["dm-0"]))
    }

    @Test(arguments: [
        ("fd00::1", "fd00:0000:0000:0000:0000:0000:0000:0001", true), ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
        ("array.example", "10.0.0.2", true),
    ])
    func `a session is of the record that has its address, however it is spelled`(_ recorded: String, _ seen: String, _ isOf: Bool) throws {
        let target = try #require(ISCSIName(SetupFixture.target))
        let session = LiveSession(
            number: 1, target: target, address: seen, port: 3260, interface: "default", state: "LOGGED_IN", authentication: .unknown,
            units: [])
        #expect(session.isOf(RecordName(target: target, address: recorded, port: 3260, portalGroupTag: 1)) == isOf)
    }

    @Test func `a session that was sent on to another portal is of the record that it began with`() throws {
        let target = try #require(ISCSIName(SetupFixture.target))
        let folder = try TestFolder()
        let connection = "sys/class/iscsi_connection/connection7:0"
        try folder.file("\(connection)/persistent_address", "10.0.0.1\n")
        try folder.file("\(connection)/persistent_port", "3260\n")
        let tree = OpenISCSITree(root: folder.path)
        var session = LiveSession(
            number: 7, target: target, address: "10.0.0.2", port: 3261, interface: "default", state: "LOGGED_IN", authentication: .unknown,
            units: [])
        session.recorded = try HostState.recordedPortal(of: "session7", tree)
        #expect(session.recorded == PortalAddress("10.0.0.1:3260"))
        #expect(session.isOf(RecordName(target: target, address: "10.0.0.1", port: 3260, portalGroupTag: 1)))
        #expect(!session.isOf(RecordName(target: target, address: "10.0.0.2", port: 3261, portalGroupTag: 1)))
        #expect(["10.0.0.1:3260", "10.0.0.2:3261"].allSatisfy { PortalAddress($0).map(session.isAt) == true })
        try folder.file("\(connection)/persistent_address", "(null)\n")
        #expect(try HostState.recordedPortal(of: "session7", tree) == nil)
        #expect(try HostState.recordedPortal(of: "session8", tree) == nil)
    }
}
