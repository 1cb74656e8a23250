import Foundation
import HostFacts
import Identifiers
import Inventory
import StrictJSON
import Testing

/// One missing, empty, huge, unreadable or foreign file loses its own field and nothing else (pain 5).
@Suite struct MalformedAttributeTests {
    private static let unit = "sys/devices/platform/host7/session1/target7:0:0/7:0:0:1"
    private static let disk = unit + "/block/sda"

    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        /// Nil takes the file away.
        let bytes: [UInt8]?
        let field: String
        /// Nil where the field is absent without a problem.
        let reason: String?
        var testDescription: String { "\(file) \(bytes.map { String(decoding: $0.prefix(20), as: UTF8.self) } ?? "missing")" }
    }

    static let cases: [Case] = [
        Case(file: "\(disk)/size", bytes: nil, field: "sizeBytes", reason: nil),
        Case(file: "\(disk)/size", bytes: [], field: "sizeBytes", reason: "malformed: not a number of sectors: \"\""),
        Case(
            file: "\(disk)/size", bytes: Array("12x\n".utf8), field: "sizeBytes", reason: "malformed: not a number of sectors: \"12x\\x0a\""
        ),
        Case(
            file: "\(disk)/size", bytes: Array("-1\n".utf8), field: "sizeBytes", reason: "malformed: not a number of sectors: \"-1\\x0a\""),
        Case(
            file: "\(disk)/size", bytes: Array("18014398509481984\n".utf8), field: "sizeBytes",
            reason: "malformed: not a number of sectors: \"18014398509481984\\x0a\""),
        Case(
            file: "\(disk)/size", bytes: Array(repeating: 0x31, count: 5000), field: "sizeBytes",
            reason: "malformed: longer than 4096 bytes"),
        Case(file: "\(disk)/ro", bytes: Array("2".utf8), field: "readOnly", reason: "malformed: not 0 or 1: \"2\""),
        Case(file: "\(unit)/vendor", bytes: [], field: "vendor", reason: nil),
        Case(file: "\(unit)/vendor", bytes: Array("    \n".utf8), field: "vendor", reason: nil),
        Case(file: "\(unit)/model", bytes: [0x41, 0xFF, 0xFE, 0x0A], field: "model", reason: "malformed: not UTF-8: \"A\\xff\\xfe\\x0a\""),
        Case(
            file: "\(unit)/model", bytes: [0x41, 0x1B, 0x5B, 0x0A], field: "model",
            reason: "malformed: a control character: \"A\\x1b[\\x0a\""),
        Case(file: "\(unit)/wwid", bytes: Array("\0\0\n".utf8), field: "wwid", reason: "malformed: not a WWID: \"\\x00\\x00\\x0a\""),
        Case(
            file: "\(unit)/type", bytes: Array("disk\n".utf8), field: "kind",
            reason: "malformed: not a peripheral device type: \"disk\\x0a\""),
        Case(file: "\(unit)/vpd_pg80", bytes: [0, 0x80], field: "serial", reason: "malformed: a page of 2 bytes; its header has 4"),
        Case(file: "\(unit)/vpd_pg80", bytes: [0, 0x83, 0, 0], field: "serial", reason: "malformed: page 0x83 in place of 0x80"),
        Case(
            file: "\(unit)/vpd_pg80", bytes: [0, 0x80, 0, 9, 65], field: "serial",
            reason: "malformed: a page of 5 bytes that says it has 13"),
        Case(file: "\(unit)/vpd_pg80", bytes: [0, 0x80, 0, 0], field: "serial", reason: nil),
    ]

    @Test(arguments: cases)
    func aBadAttributeLosesItsFieldAlone(bad: Case) throws {
        let tree = try SampleHost.iscsi.build()
        let whole = try HostReader(sysroot: tree.root).inventory()
        if let bytes = bad.bytes { try tree.file(bad.file, bytes: bytes) } else { try tree.remove(bad.file) }
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(
            inventory.problems == (bad.reason.map { [Inventory.Problem(path: "/" + bad.file, field: bad.field, reason: $0)] } ?? []))
        #expect(inventory.blockDevices.count == whole.blockDevices.count)
        #expect(inventory.blockDevices.dropFirst() == whole.blockDevices.dropFirst())
        // A file system tells the WWIDs of what it lies on, which may be the field that is lost.
        func withoutWWIDs(_ list: [Inventory.FileSystem]) -> [Inventory.FileSystem] {
            list.map { fileSystem in
                var result = fileSystem
                result.wwids = []
                return result
            }
        }
        #expect(withoutWWIDs(inventory.fileSystems) == withoutWWIDs(whole.fileSystems))
        #expect(inventory.initiators == whole.initiators && inventory.host == whole.host)
    }

    @Test func aDirectoryInThePlaceOfAFileIsUnreadable() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("\(Self.unit)/model")
        try tree.directory("\(Self.unit)/model")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(
            inventory.problems == [Inventory.Problem(path: "/\(Self.unit)/model", field: "model", reason: "unreadable: Is a directory")])
    }

    /// A tree may come from a stranger: what is no file is not even opened, though there is something to read.
    @Test func aFIFOThatSomebodyWritesToIsNoFile() throws {
        let tree = try TreeBuilder()
        try tree.directory("proc/sys/kernel")
        let path = "\(tree.root)/proc/sys/kernel/hostname"
        #expect(mkfifo(path, 0o600) == 0)
        let writer = open(path, O_RDWR | O_NONBLOCK)
        defer { close(writer) }
        #expect(write(writer, "planted", 7) == 7)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.host.hostName == nil)
        #expect(inventory.problems.contains { $0.path == "/proc/sys/kernel/hostname" && $0.reason == "malformed: not a regular file" })
        var rest = [UInt8](repeating: 0, count: 16)
        #expect(read(writer, &rest, 16) == 7, "it was read from")
    }

    @Test func aFIFOInThePlaceOfAFileHoldsNobodyUp() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("\(Self.unit)/model")
        #expect(mkfifo("\(tree.root)/\(Self.unit)/model", 0o600) == 0)
        #expect(try HostReader(sysroot: tree.root).inventory().blockDevices.first?.model == nil)
    }

    @Test func whatMayNotBeReadIsNamedWithTheKernelsReason() throws {
        let tree = try SampleHost.iscsi.build()
        #expect(chmod("\(tree.root)/\(Self.unit)/vpd_pg80", 0) == 0)
        let root = tree.root
        let inventory = try OrdinaryUser.run { try HostReader(sysroot: root).inventory() }
        #expect(
            inventory.problems == [
                Inventory.Problem(path: "/\(Self.unit)/vpd_pg80", field: "serial", reason: "unreadable: Permission denied")
            ])
    }

    @Test func aRootWithNothingInItGivesAnEmptyInventory() throws {
        let tree = try TreeBuilder()
        #expect(try HostReader(sysroot: tree.root).inventory(level: .applications) == Inventory(host: Inventory.Host()))
    }

    @Test func aRootThatIsMissingIsAnError() throws {
        #expect(throws: (any Error).self) { try HostReader(sysroot: "/nonexistent/quartermaster") }
    }

    @Test(arguments: [
        ("etc/machine-id", "machineID"), ("etc/os-release", "operatingSystem"), ("proc/self/mountinfo", "fileSystems"),
        ("sys/class/block/sda/device/wwid", "wwid"),
    ])
    func whatIsNoFileIsNotAbsent(file: String, field: String) throws {
        for kind in [S_IFIFO, S_IFSOCK] {
            let tree = try SampleHost.iscsi.build()
            let real = file.hasPrefix("sys/") ? Self.unit + "/wwid" : file
            try tree.directory((real as NSString).deletingLastPathComponent)
            if FileManager.default.fileExists(atPath: "\(tree.root)/\(real)") { try tree.remove(real) }
            try #require(mknod("\(tree.root)/\(real)", kind | 0o644, 0) == 0)
            let problems = try HostReader(sysroot: tree.root).inventory().problems
            #expect(problems.contains { $0.field == field && $0.reason == "malformed: not a regular file" }, "\(real), \(problems)")
        }
    }

    @Test func whatAnyUserMountsIsReadBackByTheController() throws {
        let tree = try SampleHost.iscsi.build()
        let bytes = String(repeating: "\\377", count: 1_000)
        let long = String(repeating: "\\377\\376", count: 500)
        try tree.file(
            "proc/self/mountinfo",
            """
            36 35 8:0 / /mnt/\(bytes) rw - fuse.sshfs /dev/\(long) rw
            37 35 8:0 /\(long) /home rw - \(String(repeating: "x", count: 300)) /dev/sda rw
            38 35 8:0 / /data rw - ext4 /dev/sda rw

            """)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory)
        #expect(inventory.fileSystems.contains { $0.mountPoint == "/data" })
        #expect(!inventory.fileSystems.contains { $0.type.utf8.count > 255 })
        #expect(inventory.problems.contains { $0.field == "type" && $0.reason == "malformed: longer than 255 bytes" })
    }
}
