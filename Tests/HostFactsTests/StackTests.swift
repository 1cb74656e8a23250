import Identifiers
import Inventory
import Testing

@testable import HostFacts

/// What lies on what, and how it is.
@Suite struct StackTests {
    private func device(_ name: String, _ inventory: Inventory) throws -> Inventory.BlockDevice {
        try #require(inventory.blockDevices.first { $0.name == name })
    }

    private let status = MapStatusReader.capturePath

    @Test func aMapHasItsPathGroupsWithTheStatesOfBothSides() throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        try tree.file(
            status,
            "mpatha: 0 209715200 multipath 2 0 0 0 2 1 A 0 2 2 8:16 A 0 0 1 8:80 F 2 0 1 E 0 2 2 8:48 A 0 0 1 8:112 A 0 0 1\n"
                + "mpathb: 0 419430400 multipath rubbish\n")
        let alua = "sys/devices/pci0000:00/0000:00:06.0/host6/rport-6:0-0/target6:0:0/6:0:0:0"
        try tree.attributes(alua, ["access_state": "active/optimized", "preferred_path": "1"])
        let inventory = try HostReader(sysroot: tree.root).inventory()
        let map = try device("dm-0", inventory)
        #expect(map.targetType == "multipath")
        #expect(
            map.pathGroups == [
                .init(
                    state: "active",
                    paths: [
                        .init(device: "sdb", state: "active", accessState: "active/optimized", preferred: true),
                        .init(device: "sdf", state: "failed"),
                    ]),
                .init(state: "enabled", paths: [.init(device: "sdd", state: "active"), .init(device: "sdh", state: "active")]),
            ])
        #expect(try device("sdb", inventory).accessState == "active/optimized")
        // What cannot be read of the status is known by sysfs all the same, and said.
        #expect(try device("dm-1", inventory).pathGroups.map { $0.paths.map(\.device) } == [["sdc", "sde", "sdg", "sdi"]])
        #expect(inventory.problems.map(\.field) == ["pathGroups"])
    }

    @Test func aMapHasTheNameOfItsPaths() throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        let maps = "sys/devices/virtual/block"
        for minor in 0...1 { try tree.file("\(maps)/dm-\(minor)/dm/uuid", "mpath-SDGC_VRAID_CKM\(minor)\n") }
        try tree.file(
            "sys/devices/pci0000:00/0000:00:06.0/host6/rport-6:0-0/target6:0:0/6:0:0:1/wwid", "naa.60060160123456780000000000000009\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(try device("dm-0", inventory).wwid?.description == "naa.60060160123456780000000000000000")
        // Where paths disagree, the map is what multipath says.
        #expect(try device("dm-1", inventory).wwid?.description == "SDGC_VRAID_CKM1")
    }

    @Test func withoutTheRightToAskPathsAreThoseOfSysfs() throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        let inventory = try HostReader(sysroot: tree.root, privileged: PrivilegedFacts()).inventory()
        #expect(try device("dm-0", inventory).pathGroups == [.init(paths: ["sdb", "sdd", "sdf", "sdh"].map { .init(device: $0) })])
        #expect(inventory.problems.isEmpty)
    }

    @Test func namesOfLVMAreReadOutOfTheMaps() throws {
        #expect(VolumeName(mapName: "vg0-home") == VolumeName(mapName: "vg0-home"))
        let names = ["vg--a-lv--b", "vg0-pool-tpool", "a---b-c", "plain", "a-b-c-d", "-a", "a-", "vg-"].map { VolumeName(mapName: $0) }
        #expect(names[0]?.volumeGroup == "vg-a" && names[0]?.logicalVolume == "lv-b" && names[0]?.layer == nil)
        #expect(names[1]?.logicalVolume == "pool" && names[1]?.layer == "tpool")
        #expect(names[2]?.volumeGroup == "a-" && names[2]?.logicalVolume == "b" && names[2]?.layer == "c")
        #expect(names[3...].allSatisfy { $0 == nil })
    }

    @Test func aThinPoolAndASnapshotSayHowTheyAre() throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        try tree.map(10, name: "vg0-pool-tpool", uuid: "LVM-x-tpool", sectors: 100, on: ["dm-1"])
        try tree.map(11, name: "vg0-thin", uuid: "LVM-x", sectors: 100, on: ["dm-10"])
        try tree.map(12, name: "vg0-snap", uuid: "LVM-x", sectors: 100, on: ["dm-1"])
        try tree.file(
            status,
            "vg0-pool-tpool: 0 100 thin-pool 1 10/1024 95/100 - out_of_data_space discard_passdown queue_if_no_space - 1024\n"
                + "vg0-thin: 0 100 thin 90 99\nvg0-snap: 0 100 snapshot Invalid\nvg0-data: 0 1 linear \nvg0-data: 1 1 striped 2 8:0 8:16 1 AA\n"
        )
        let inventory = try HostReader(sysroot: tree.root).inventory()
        let pool = try device("dm-10", inventory)
        #expect(pool.volumeGroup == "vg0" && pool.logicalVolume == "pool" && pool.volumeLayer == "tpool")
        #expect(pool.targetType == "thin-pool" && pool.targetState == "out_of_data_space")
        #expect(DeviceMapperReader.layer(ofUUID: "LVM-" + String(repeating: "x", count: 64) + "-tdata") == "tdata")
        #expect(DeviceMapperReader.layer(ofUUID: "LVM-" + String(repeating: "x", count: 64)) == nil)
        #expect(try device("dm-11", inventory).targetType == "thin" && device("dm-11", inventory).parents == ["dm-10"])
        #expect(try device("dm-12", inventory).targetState == "Invalid")
        #expect(try device("dm-3", inventory).targetType == "linear,striped")
    }

    @Test(
        arguments: [
            ("thin-pool", "Fail", "Fail"), ("thin-pool", "1 2/3", nil), ("snapshot", "16/2048 16", nil),
            ("snapshot", "Merge failed", "Merge failed"),
            ("raid", "raid1 2 Aa 100/100 recover 0 0 -", "Aa"), ("mirror", "2 253:1 253:2 4/4 1 AD 3 disk 253:0 A", "AD"),
            ("mirror", "99999999999999999999", nil), ("vdo", "/dev/dm-1 normal - online online 10 20", "normal"), ("verity", "C", "C"),
            ("crypt", "anything", nil), ("thin", "", nil),
        ] as [(String, String, String?)])
    func aTargetsHealthIsOneWordOfItsStatus(type: String, status: String, state: String?) {
        #expect(TargetState.text(type: type, status: status) == state)
    }

    @Test func anArraySaysItsMembersAndWhatIsMissing() throws {
        let tree = try SampleHost.stacked.build()
        let md = "sys/devices/virtual/block/md0/md"
        try tree.attributes(md, ["raid_disks": "2", "degraded": "1", "sync_action": "recover", "array_state": "write-pending"])
        try tree.attributes("\(md)/dev-sda1", ["state": "in_sync", "slot": "0"])
        try tree.attributes("\(md)/dev-sdb1", ["state": "spare", "slot": "none"])
        let inventory = try HostReader(sysroot: tree.root).inventory()
        let array = try device("md0", inventory)
        #expect(array.state == "active" && array.raidLevel == "raid1")
        #expect(
            array.array
                == Inventory.RAIDArray(
                    raidDisks: 2, degraded: 1, syncAction: "recover",
                    members: [.init(device: "sda1", state: "in_sync", slot: 0), .init(device: "sdb1", state: "spare")]))
        #expect(try device("dm-0", inventory).encryption == "LUKS2")
        #expect(try device("dm-1", inventory).encryption == nil)
    }

    @Test func aFileSystemKnowsTheLogicalUnitsBelowIt() throws {
        let tree = try SampleHost.stacked.build()
        let fileSystems = try HostReader(sysroot: tree.root).inventory().fileSystems
        let disks = ["naa.5000c50000000000", "naa.5000c50000000001"]
        // The root is on dm-crypt on md on two disks; the image's file is on the root.
        for place in ["/", "/home", "/mnt/image"] {
            #expect(fileSystems.first { $0.mountPoint == place }?.wwids.map(\.description) == disks, "\(place)")
        }
        #expect(fileSystems.first { $0.mountPoint == "/home" }?.uuid == "8e6f3a3e-0000-4000-8000-000000000001")
        let mapped = try SampleHost.fibreChannelMultipath.build()
        let other = try HostReader(sysroot: mapped.root).inventory().fileSystems
        #expect(other.first { $0.mountPoint == "/srv/data" }?.wwids.map(\.description) == ["naa.60060160123456780000000000000001"])
        #expect(other.first { $0.mountPoint == "/srv/data" }?.uuid == "5b1f9a1c-0001")
        #expect(other.first { $0.mountPoint == "/mnt/nfs" }?.wwids.isEmpty == true)
    }

    @Test func poolsHaveAllTheirMembers() throws {
        let tree = try TreeBuilder()
        for (index, name) in ["sda", "sdb", "sdc", "sdd"].enumerated() {
            try tree.device("sys/devices/virtual/block/\(name)", number: "8:\(index * 16)", sectors: 100)
        }
        for (number, label) in [("8:0", "tank"), ("8:16", "tank"), ("8:32", "other")] {
            try tree.file("run/udev/data/b\(number)", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=\(label)\n")
        }
        try tree.file("proc/spl/kstat/zfs/tank/state", "DEGRADED\n")
        try tree.device("sys/devices/virtual/block/zd0", number: "230:0", sectors: 100)
        try tree.file("run/udev/data/b230:0", "S:zvol/tank/vm-100\nE:ID_FS_TYPE=ext4\n")
        for (index, name) in ["sdc", "sdd"].enumerated() {
            try tree.link(
                "sys/fs/bcachefs/9b8c0000-0000-4000-8000-000000000001/dev-\(index)/block", toPath: "sys/devices/virtual/block/\(name)")
        }
        try tree.host(
            "pools",
            mountinfo:
                "40 1 0:50 / /tank/a rw - zfs tank/a rw\n42 1 230:0 / /vm rw - ext4 /dev/zd0 rw\n41 1 0:51 / /cold rw - bcachefs /dev/sdc rw\n"
        )
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        let tank = try #require(inventory.fileSystems.first { $0.type == "zfs" })
        #expect(tank.devices == ["sda", "sdb"] && tank.state == "DEGRADED")
        #expect(inventory.fileSystems.first { $0.type == "bcachefs" }?.devices == ["sdc", "sdd"])
        #expect(try device("sda", inventory).contentLabel == "tank")
        #expect(try device("zd0", inventory).parents == ["sda", "sdb"])
    }

    @Test func driversOfAFewDevicesSayHowTheyAre() throws {
        let tree = try TreeBuilder()
        for (name, number) in [("drbd1", "147:1"), ("bcache0", "251:0"), ("zram0", "252:0")] {
            try tree.device("sys/devices/virtual/block/\(name)", number: number, sectors: 100)
        }
        try tree.file(
            "proc/drbd",
            "version: 8.4.11 (api:1/proto:86-101)\n 0: cs:Unconfigured\n 1: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"
                + "    ns:0 nr:0 dw:0\n")
        try tree.file("sys/devices/virtual/block/bcache0/bcache/state", "dirty\n")
        try tree.file("sys/devices/virtual/block/zram0/backing_dev", "/dev/sdb\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(try device("drbd1", inventory).state == "Connected Primary/Secondary UpToDate/UpToDate")
        #expect(try device("bcache0", inventory).state == "dirty")
        #expect(try device("zram0", inventory).backingFile == "/dev/sdb")
    }

    @Test func aDiskWithoutADesignatorIsNamedAsT10Says() throws {
        let tree = try TreeBuilder()
        let base = "sys/devices/pci0000:00/0000:00:05.0"
        try tree.scsiDisk(
            "sda", number: "8:0", unit: "\(base)/host4/target4:0:0/4:0:0:0", sectors: 1, wwid: nil, serial: "S1", vendor: "ACME    ")
        try tree.scsiDisk(
            "sdb", number: "8:16", unit: "\(base)/usb1/1-1/host5/target5:0:0/5:0:0:0", sectors: 1, wwid: nil, serial: "S1",
            vendor: "ACME    ")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(try device("sda", inventory).wwid?.description == "t10.ACME    VIRTUAL-DISK    S1")
        #expect(try device("sdb", inventory).wwid == nil)
    }

    @Test func whatTheKernelChoseGivesWayToATrustedDesignator() throws {
        let tree = try SampleHost.iscsi.build()
        let unit = "sys/devices/platform/host7/session1/target7:0:0/7:0:0:2"
        for (wwid, told) in [
            ("t10.IET     0002", "naa.60000000000000000e00000000010002"), ("naa.5000c50001020304", "naa.5000c50001020304"),
            ("naa.6000", "naa.60000000000000000e00000000010002"), ("eui.0025380102030405", "naa.60000000000000000e00000000010002"),
        ] {
            try tree.file("\(unit)/wwid", wwid + "\n")
            let inventory = try HostReader(sysroot: tree.root).inventory()
            #expect(try device("sdb", inventory).wwid?.description == told)
            #expect(inventory.problems.map(\.reason) == (wwid == "naa.6000" ? ["malformed: not a WWID: \"naa.6000\\x0a\""] : []))
        }
        try tree.remove("\(unit)/vpd_pg83")
        #expect(try device("sdb", HostReader(sysroot: tree.root).inventory()).wwid?.description == "eui.0025380102030405")
    }
}
