import Testing

@testable import HostFacts

@Suite struct UdevRecordTests {
    private func text(_ record: String, _ value: (UdevRecord) -> UnsafeRawBufferPointer?) -> String? {
        var record = record
        return record.withUTF8 { bytes in value(UdevRecord(UnsafeRawBufferPointer(bytes))).map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func propertiesAreFoundAmongLinksAndTags() {
        let record = "S:disk/by-id/x\nL:10\nI:12345\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=1=2\nE:ID_SERIAL_SHORT=\nG:systemd\nV:1\n"
        #expect(text(record) { $0.content } == "ext4")
        #expect(text(record) { $0.contentUUID } == "1=2")
        #expect(text(record) { $0.serialShort } == "")
        #expect(text(record) { $0.wwn } == nil)
    }

    @Test(
        arguments: [
            ("", nil), ("\n\n", nil), ("E:A=B\n", nil), ("E:A=B", nil), ("garbage\n", 1), ("E:A=B\n\nE\n", 3), ("E:noequals\n", 1),
            ("e:a=b\n", 1),
            ("E:ID_X\n", 1), ("\0\0\0\n", 1), ("E:\n", 1),
        ] as [(String, Int?)])
    func theFirstMalformedLineIsNamed(record: String, line: Int?) {
        var record = record
        #expect(record.withUTF8 { UdevRecord(UnsafeRawBufferPointer($0)).malformedLine } == line)
    }

    @Test func propertyFilesHaveNoLetters() {
        var record = "DEVNAME=/dev/sda\nE: ID_WWN=0x5000c500\nID_FS_TYPE=xfs\nnonsense\n"
        record.withUTF8 { bytes in
            let parsed = UdevRecord(properties: UnsafeRawBufferPointer(bytes))
            #expect(parsed.content.map { String(decoding: $0, as: UTF8.self) } == "xfs")
            #expect(parsed.wwn.map { String(decoding: $0, as: UTF8.self) } == "0x5000c500")
        }
    }

    @Test func linksAreTold() {
        var record = "S:disk/by-uuid/1\nE:S:=no\nS:vg0/home\nS:\n"
        var links: [String] = []
        record.withUTF8 { UdevRecord.eachLink(UnsafeRawBufferPointer($0)) { links.append(String(decoding: $0, as: UTF8.self)) } }
        #expect(links == ["disk/by-uuid/1", "vg0/home"])
    }

    @Test func aRecordCompletesWhatSysfsDoesNotSay() throws {
        let tree = try SampleHost.stacked.build()
        try tree.file("run/udev/data/b252:0", "E:ID_SERIAL_SHORT=Z1\nE:ID_WWN=0x5000c500a1b2c3d4\nE:ID_MODEL=zram\nbroken\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        let device = try #require(inventory.blockDevices.first { $0.name == "zram0" })
        #expect(device.serial == "Z1" && device.wwid?.description == "naa.5000c500a1b2c3d4" && device.model == "zram")
        #expect(inventory.problems.map(\.reason) == ["malformed: line 4 is no letter, colon and text"])
    }

    @Test func aTreeWithoutDatabaseIsReadByItsPropertyFiles() throws {
        let tree = try SampleHost.stacked.build()
        try tree.file("dev/sda2", "ID_FS_TYPE=btrfs\n")
        try tree.file("dev/mapper/secret", "ID_FS_TYPE=ext4\n")
        let devices = try HostReader(sysroot: tree.root).inventory().blockDevices
        #expect(devices.first { $0.name == "sda2" }?.content == "btrfs")
        #expect(devices.first { $0.name == "dm-0" }?.content == "ext4")
    }
}
