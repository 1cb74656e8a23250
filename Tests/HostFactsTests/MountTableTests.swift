import Inventory
import Testing

@testable import HostFacts

@Suite struct MountTableTests {
    private func mountinfo(_ text: String) -> (mounts: [Mount], malformedLines: [Int]) {
        var text = text
        let table = text.withUTF8 { MountTable(.mountinfo, UnsafeRawBufferPointer($0)) }
        return (table.mounts, table.malformedLines)
    }

    @Test func theManualsExampleIsRead() {
        let (mounts, malformed) = mountinfo("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n")
        #expect(malformed.isEmpty)
        #expect(
            mounts == [
                Mount(
                    deviceNumber: DeviceNumber(major: 98, minor: 0), root: "/mnt1", mountPoint: "/mnt2", type: "ext3", source: "/dev/root",
                    readOnly: false)
            ])
    }

    @Test(arguments: [
        ("1 2 8:1 / /a\\040b rw - ext4 /dev/sda1 rw", "/a b"), ("1 2 8:1 / /a\\134b rw shared:1 master:2 - ext4 x rw", "/a\\b"),
        ("1 2 8:1 / /a\\999 rw - ext4 x rw", "/a\\999"), ("1 2 8:1 / /a\\04 rw - ext4 x rw", "/a\\04"), ("1 2 8:1 / / rw - ext4 x", "/"),
        ("1 2 8:1 / /\\303\\244 rw - ext4 x rw", "/ä"), ("1 2 8:1 / /\\377 rw - ext4 x rw", "/\u{FFFD}"),
    ])
    func namesAreUnescaped(line: String, mountPoint: String) { #expect(mountinfo(line).mounts.map(\.mountPoint) == [mountPoint]) }

    /// Mounted with mount(2), whose source may be anything: each mount is there, and its source told.
    @Test(
        arguments: [
            ("", "none"), ("none", "none"), ("\\040", " "), ("\\012", "\n"), ("a\\012b\\011c", "a\nb\tc"), ("\\043x", "#x"),
            ("\\134040", "\\040"),
            ("//server/share", "//server/share"), ("//server/a\\040b\\043c", "//server/a b#c"), ("//[fe80::1]/share", "//[fe80::1]/share"),
            ("server:/path", "server:/path"), ("[fe80::1%eth0]:/a\\040b", "[fe80::1%eth0]:/a b"), ("fe80::1:/path", "fe80::1:/path"),
            ("-", "-"), ("\r", "\r"), ("\u{1B}[2J", "\u{1B}[2J"), ("ä", "ä"), ("\\377", "\u{FFFD}"),
        ])
    func aSourceOfAnyKindIsRead(field: String, source: String) {
        let (mounts, malformed) = mountinfo("1 2 8:1 / /a rw shared:1 - cifs \(field) rw,seclabel\n3 4 8:2 / /b ro - ext4 y rw\n")
        #expect(malformed.isEmpty && mounts.map(\.source) == [source, "y"])
        #expect(mounts.map(\.mountPoint) == ["/a", "/b"] && mounts.map(\.readOnly) == [false, true])
        var text = "\(field) /a cifs rw 0 0\ny /b ext4 ro 0 0\n"
        let older = text.withUTF8 { MountTable(.fstab, UnsafeRawBufferPointer($0)) }
        #expect(older.malformedLines.isEmpty && older.mounts.map(\.source) == [source, "y"])
        #expect(older.mounts.map(\.mountPoint) == ["/a", "/b"] && older.mounts.map(\.readOnly) == [false, true])
    }

    /// PATH_MAX holds of the name itself, of which each byte may be written as four.
    @Test func aLongNameThatIsEscapedIsNoLonger() {
        let spaces = String(repeating: "\\040", count: 4095)
        let (mounts, malformed) = mountinfo(
            "1 2 8:1 /\(spaces) /\(spaces) rw - ext4 \(spaces) rw\n1 2 8:1 / /\(spaces)\\040 rw - ext4 x rw\n")
        #expect(mounts.map(\.mountPoint.utf8.count) == [4096] && mounts.map(\.root.utf8.count) == [4096] && malformed == [2])
        #expect(mounts.map(\.source.utf8.count) == [4095])
    }

    @Test(arguments: ["x", "\\377", "\\040"])
    func aSourceThatIsTooLongHidesNoMount(part: String) throws {
        let tree = try SampleHost.iscsi.build()
        let source = String(repeating: part, count: 20_000)
        try tree.file("proc/self/mountinfo", "22 1 8:1 / /data rw - ext4 \(source) rw\n23 1 0:40 / /net rw - nfs4 \(source) rw\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/data", "/net"] && inventory.fileSystems.first?.devices == ["sda1"])
        #expect(inventory.fileSystems.allSatisfy { $0.source.utf8.count <= 4096 })
        #expect(inventory.problems.map(\.field) == ["source", "source"])
    }

    /// What is mounted at a file: a socket, one that was removed since, a mount namespace that a container keeps.
    @Test func aBindMountOfASocketIsToldAsWhatItIs() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.file(
            "proc/self/mountinfo",
            """
            22 1 8:1 / /data rw - ext4 /dev/sda1 rw
            23 22 8:1 /run/db.sock /srv/db.sock rw - ext4 /dev/sda1 rw
            24 22 8:1 /run/old.sock//deleted /srv/old.sock rw - ext4 /dev/sda1 rw
            25 22 0:4 mnt:[4026532281] /run/ns/a rw - nsfs nsfs rw
            26 22 0:26 /x.sock /srv/x.sock rw - tmpfs tmpfs rw

            """)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/data", "/srv/db.sock", "/srv/old.sock"] && inventory.problems.isEmpty)
        #expect(inventory.fileSystems.map(\.root) == [nil, "/run/db.sock", "/run/old.sock//deleted"])
        #expect(inventory.fileSystems.allSatisfy { $0.devices == ["sda1"] })
    }

    @Test(arguments: [
        "x", "1 2 8:1 / /a rw", "1 2 8:1 / /a rw - ext4", "1 2 8:1 / /a rw shared:1", "1 2 8 / /a rw - ext4 x rw",
        "1 2 :1 / /a rw - ext4 x rw",
        "1 2 8:1: / /a rw - ext4 x rw", "a 2 8:1 / /a rw - ext4 x rw", "1 2 99999999999:1 / /a rw - ext4 x rw",
        "1 2 8:1 / relative rw - ext4 x rw",
        "1 2 8:1 / /a\\000b rw - ext4 x rw", "1 2 8:1 / /a\u{0}b rw - ext4 x rw",
        "1 2 8:1 / /\(String(repeating: "a", count: 5000)) rw - ext4 x rw", "\0", " ",
    ])
    func malformedLinesAreCountedAndLoseNoOthers(line: String) {
        let (mounts, malformed) = mountinfo("1 2 8:1 / /a rw - ext4 x rw\n\(line)\n3 4 8:2 / /b ro - ext4 y rw")
        #expect(mounts.map(\.mountPoint) == ["/a", "/b"])
        #expect(malformed == [2])
        #expect(mounts.map(\.readOnly) == [false, true])
    }

    @Test func theOlderTableIsReadWhereThereIsNoOther() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("proc/self/mountinfo")
        try tree.file("proc/mounts", "/dev/sda1 /data ext4 rw 0 0\nbad\n/dev/sdb /shared ocfs2 ro,x 0 0\nproc /proc proc rw 0 0\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.devices) == [["sda1"], ["sdb"]])
        #expect(inventory.fileSystems.map(\.readOnly) == [false, true])
        #expect(inventory.problems == [Inventory.Problem(path: "/proc/mounts", field: "fileSystems", reason: "malformed: lines 2")])
    }

    @Test func sourcesThatAreLinksAreFoundInUdevsDatabase() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("proc/self/mountinfo")
        try tree.file("run/udev/data/b8:1", "S:disk/by-label/data\nV:1\n")
        try tree.file("proc/mounts", "/dev/disk/by-label/data /data ext4 rw 0 0\n/dev/disk/by-label/gone /gone ext4 rw 0 0\n")
        let fileSystems = try HostReader(sysroot: tree.root).inventory().fileSystems
        #expect(fileSystems.map(\.devices) == [["sda1"], []])
    }

    @Test(
        arguments: [
            ("/dev/sda2 partition 100 10 -2", SwapArea(source: "/dev/sda2", sizeBytes: 102_400, availableBytes: 92_160)),
            ("/swap\\040file\tfile\t\t8 8 0", SwapArea(source: "/swap file", sizeBytes: 8192, availableBytes: 0)),
            ("/dev/sda2 partition 10 11 0", nil),
            ("relative partition 1 1 0", nil), ("/dev/sda2", nil), ("/dev/sda2 partition x 1", nil), ("/d p 9223372036854775807 0 0", nil),
        ] as [(String, SwapArea?)])
    func swapAreasAreReadOrCountedAsMalformed(line: String, area: SwapArea?) {
        var text = "Filename Type Size Used Priority\n\(line)\n"
        let (areas, malformed) = text.withUTF8 { SwapTable.parse(UnsafeRawBufferPointer($0)) }
        #expect(areas == (area.map { [$0] } ?? []))
        #expect(malformed == (area == nil ? [2] : []))
    }
}
