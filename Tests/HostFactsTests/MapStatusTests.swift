import Inventory
import StrictJSON
import Testing

@testable import HostFacts

@Suite struct MapStatusTests {
    /// As `dmsetup status` of Debian 12 (kernel 6.1) printed it, of two paths to one unit by two groups.
    @Test func theTextOfDmsetupIsRead() throws {
        let text = """
            mpatha: 0 614400 multipath 2 0 0 0 2 1 A 0 1 2 8:0 A 0 0 1 E 0 1 2 8:16 F 3 0 1
            vg0-data: 0 204800 linear
            vg0-data: 204800 8192 linear
            empty:

            """
        let (maps, malformed) = parse(text)
        #expect(malformed.isEmpty)
        #expect(maps.map(\.name) == ["empty", "mpatha", "vg0-data"])
        #expect(maps[0].targets.isEmpty)
        #expect(maps[2].targets.map(\.sectors) == [204_800, 8192])
        let status = try #require(MultipathStatus(maps[1].targets[0].status))
        #expect(status.groups.map(\.state) == [.active, .enabled])
        #expect(status.groups[0].paths == [.init(deviceNumber: DeviceNumber(major: 8, minor: 0), isActive: true, failures: 0)])
        #expect(status.groups[1].paths == [.init(deviceNumber: DeviceNumber(major: 8, minor: 16), isActive: false, failures: 3)])
    }

    @Test(arguments: [
        "nothing", ": 0 1 linear", "a: x 1 linear", "a: 0 1", "a: 0 99999999999999999999 linear",
        "a: 0 1 a-type-of-more-than-fifteen-bytes",
    ])
    func aLineThatIsNoStatusIsCounted(line: String) {
        let (maps, malformed) = parse("good: 0 8 linear\n\(line)\n")
        #expect(maps.first { $0.name == "good" }?.targets.count == 1)
        #expect(malformed == [2])
    }

    @Test(arguments: [
        "", "2 0", "2 0 0 0 1", "2 0 0 0 1 1 X 0 0 0", "2 0 0 0 1 1 A 0 1 2 8:0 A 0 0", "2 0 0 0 1 1 A 0 1 2 8:0 B 0 0 1",
        "2 0 0 0 1 1 A 0 1 2 8:x A 0 0 1", "2 0 0 0 1 1 A 0 1 2 8:0 A 0 0 1 more", "65 0", "2 0 0 0 2000 1",
    ])
    func aStatusThatBreaksTheGrammarIsNone(status: String) { #expect(MultipathStatus(status) == nil) }

    @Test(arguments: ["2 0 0 0 0 0", "2 0 0 0 1 1 A 0 1 0 8:0 A 0", "0 1 alua 1 1 D 1 x 1 1 65:240 F 12 7"])
    func otherSelectorsAndMapsWithoutPathsAreRead(status: String) { #expect(MultipathStatus(status) != nil) }

    /// `struct dm_name_list` as the kernel fills it: 8 bytes of device, 4 of offset, the name, filled up to eight bytes.
    @Test func theListOfDevicesIsAChain() throws {
        var bytes: [UInt8] = []
        bytes += le(UInt64(253 << 8)) + le(UInt32(24)) + Array("mpatha".utf8) + [UInt8](repeating: 0, count: 6)
        bytes += le(UInt64(253 << 8 | 1)) + le(UInt32(0)) + Array("vg0-data".utf8) + [0, 0, 0, 0]
        let devices = try #require(bytes.withUnsafeBytes { MapStatus.devices($0) })
        #expect(devices.map(\.name) == ["mpatha", "vg0-data"])
        #expect(devices.map(\.number.description) == ["253:0", "253:1"])
        bytes[8] = 3
        #expect(bytes.withUnsafeBytes { MapStatus.devices($0) } == nil)
        let none = [UInt8](repeating: 0, count: 16)
        #expect(none.withUnsafeBytes { MapStatus.devices($0) }?.isEmpty == true)
    }

    @Test func theTargetsOfAMapAreAChain() throws {
        var bytes = target(0, 2048, next: 48, "linear", "")
        bytes += target(2048, 100, next: 104, "crypt", "status")
        let targets = try #require(bytes.withUnsafeBytes { MapStatus.targets($0, count: 2) })
        #expect(targets.map(\.type) == ["linear", "crypt"])
        #expect(targets[1] == MapStatus.Target(startSector: 2048, sectors: 100, type: "crypt", status: "status"))
        #expect(bytes.withUnsafeBytes { MapStatus.targets($0, count: 3) } == nil)
        #expect(bytes.withUnsafeBytes { MapStatus.targets(UnsafeRawBufferPointer(rebasing: $0[..<60]), count: 2) } == nil)
    }

    @Test func whatOnlyRootReadsIsReadOfATree() throws {
        let tree = try TreeBuilder()
        try tree.file("etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:abc\n")
        try tree.file("run/quartermaster-capture/dmsetup-status", "vg0-a: 0 8 linear \n")
        try tree.attributes("sys/class/iscsi_session/session1", ["username": "somebody", "username_in": "(null)"])
        try tree.attributes("sys/class/iscsi_session/session2", ["username": "somebody", "username_in": "array"])
        try tree.attributes("sys/class/iscsi_session/session3", ["username": "<NULL>", "username_in": "(null)"])
        let facts = PrivilegedFacts.read(try Tree(sysroot: tree.root))
        #expect(facts.initiatorName?.description == "iqn.1993-08.org.debian:01:abc")
        #expect(facts.maps == [MapStatus(name: "vg0-a", targets: [.init(startSector: 0, sectors: 8, type: "linear", status: "")])])
        #expect(facts.sessions.map(\.authentication) == [.chap, .mutualCHAP, .none])
        #expect(facts.problems.isEmpty)
        #expect(!facts.jsonText.contains("somebody"))
        #expect(try PrivilegedFacts(json: JSONFields(JSONValue.parse(facts.jsonBytes))) == facts)
    }

    @Test func factsReadWithPrivilegeStandInPlaceOfTheReadersOwn() throws {
        let tree = try TreeBuilder()
        try tree.host("h", mountinfo: "")
        var privileged = PrivilegedFacts(initiatorName: .init("iqn.1993-08.org.debian:01:given"))
        privileged.problems = [Inventory.Problem(path: "/dev/mapper/control", field: "maps", reason: "unreadable: no")]
        let inventory = try HostReader(sysroot: tree.root, privileged: privileged).inventory()
        #expect(inventory.initiators.compactMap(\.iqn?.description) == ["iqn.1993-08.org.debian:01:given"])
        #expect(inventory.problems == privileged.problems)
    }

    private func parse(_ text: String) -> (maps: [MapStatus], malformedLines: [Int]) {
        Array(text.utf8).withUnsafeBytes { MapStatus.parse($0) }
    }

    private func le(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    /// `struct dm_target_spec` and its text, filled up to eight bytes.
    private func target(_ start: UInt64, _ sectors: UInt64, next: UInt32, _ type: String, _ status: String) -> [UInt8] {
        var bytes = le(start) + le(sectors) + le(UInt32(0)) + le(next)
        bytes += Array(type.utf8) + [UInt8](repeating: 0, count: 16 - type.utf8.count)
        bytes += Array(status.utf8) + [0]
        return bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    }
}
