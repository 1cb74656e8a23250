import Foundation
import HostFacts
import Inventory
import TestPrograms
import Testing

/// `capture-host --anonymous` on a made host that says its name, its domain and those of its servers wherever a real one does.
@Suite struct AnonymousCaptureTests {
    private func tree() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        try tree.file("proc/stat", "btime 1\n")
        try tree.file("proc/sys/kernel/hostname", "db1\n")
        try tree.file("srv/customer/hostname", "db1\n")
        try tree.link("etc/hostname", to: "/srv/customer/hostname")
        try tree.file("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        try tree.file("usr/lib/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n")
        try tree.link("etc/os-release", to: "../usr/lib/os-release")
        try tree.file("proc/version", "Linux version 6.1.0-28-amd64 (builder@forge.customer.example) (gcc 12) #1 SMP\n")
        for (process, program) in [
            ("1", "/usr/lib/systemd/systemd"), ("77", "/home/db1.corp.customer.example/pg16/bin/postgres"),
            ("78", "/opt/db1-customer/agent-DB1"),
        ] {
            try tree.file("proc/\(process)/comm", "agent-DB1\n")
            try tree.link("proc/\(process)/exe", to: program)
            try tree.link("proc/\(process)/cwd", to: "/srv/customer")
            try tree.link("proc/\(process)/ns/mnt", to: "mnt:[1]")
        }
        let port = "sys/devices/pci0000:00/host1/fc_host/host1"
        try tree.attributes(
            port,
            [
                "port_name": "0x10000090fa53bd26", "symbolic_name": "Emulex LPe32002 FV12.8 DV14 HN:DB1.corp.customer.example. OS:Linux",
            ])
        try tree.link("sys/class/fc_host/host1", toPath: port)
        let controller = "sys/devices/pci0000:00/nvme/nvme0"
        try tree.attributes(
            controller,
            [
                "serial": "S4GENX0R123456      ", "transport": "pcie",
                "subsysnqn": "nqn.2014.08.org.nvmexpress:144d144dS4GENX0R123456      SAMSUNG MZVLB1T0HBLR-000L7              ",
            ])
        try tree.link("sys/class/nvme/nvme0", toPath: controller)
        let session = "sys/devices/platform/host2/session1/iscsi_session/session1"
        try tree.attributes(
            session,
            [
                "targetname": "iqn.2003-01.example:customer", "targetalias": "customer-array", "initiatoralias": "(null)",
                "state": "LOGGED_IN",
            ])
        try tree.link("sys/class/iscsi_session/session1", toPath: session)
        let connection = "sys/devices/platform/host2/session1/connection1:0/iscsi_connection/connection1:0"
        try tree.attributes(
            connection, ["address": "10.9.8.7", "persistent_address": "array1.customer.example", "persistent_port": "3260"])
        try tree.link("sys/class/iscsi_connection/connection1:0", toPath: connection)
        try tree.file(
            "run/udev/data/b8:0",
            """
            S:disk/by-path/ip-array1.customer.example:3260-iscsi-iqn.2003-01.example:customer-lun-1
            E:ID_PATH=ip-array1.customer.example:3260-iscsi-iqn.2003-01.example:customer-lun-1
            E:ID_MODEL_ENC=SAMSUNG\\x20S4GENX0R123456
            E:DM_NAME=mpath_S4GENX0R123456-part1
            E:ID_FS_LABEL=db1.corp.customer.example:0

            """)
        try tree.file(
            "proc/self/mountinfo",
            """
            22 1 8:1 / / rw - ext4 /dev/sda1 rw
            39 22 0:39 / /m/auto rw - autofs ldap:automountMapName=auto.home,dc=corp,dc=customer,dc=example rw,fd=5
            40 22 0:40 / /m/auto2 rw - autofs ldap://ldap1.customer.example/auto.master rw,fd=5
            41 22 0:41 / /home/db1.corp.customer.example rw - tmpfs srv.customer.example rw,size=1k
            42 22 0:42 / /net/files.corp.customer.example rw - nfs4 files.corp.customer.example:/x rw
            43 22 0:43 / /m/ov ro - overlay customer.example ro,lowerdir=/l/db1.corp.customer.example/a:/l/b
            44 22 0:44 / /m/lx rw - fuse.lxcfs customer.example rw
            45 22 0:45 / /m/dev rw - fuse.x /dev/customer.example rw
            46 22 8:16 / /m/odd rw - ext4 customer.example rw

            """)
        return tree
    }

    @Test func nothingNamesTheHostItsDomainOrItsServers() throws {
        let tree = try tree()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        let output = "\(tree.root)/capture"
        let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", tree.root, "--anonymous", "--output", output])
        try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        let unpacked = try ChildProcess.run("/bin/tar", ["-C", tree.root, "-xJf", "\(output).tar.xz"])
        try #require(unpacked.status == 0)

        let words = try ChildProcess.run("/bin/grep", ["-raiE", "db1|corp|customer|forge|10\\.9\\.8|90fa53bd26|S4GEN", output])
        #expect(words.status == 1, "\(String(decoding: words.output, as: UTF8.self))")
        let links = try ChildProcess.run("/usr/bin/find", [output, "-type", "l", "-iregex", ".*", "-printf", "%p -> %l\n"])
        let targets = String(decoding: links.output, as: UTF8.self)
        #expect(targets.contains("proc/77/exe -> postgres\n") && targets.contains("etc/os-release -> ../usr/lib/os-release\n"))
        for target in targets.split(separator: "\n") {
            let name = target.replacingOccurrences(of: output, with: "").lowercased()
            #expect(!name.contains("db1") && !name.contains("customer"), "\(target)")
        }

        let name = try String(contentsOfFile: "\(output)/sys/class/nvme/nvme0/subsysnqn", encoding: .utf8)
        #expect(name.hasPrefix("nqn.2014.08.org.nvmexpress:144d144dS0000000000001      SAMSUNG MZVLB1T0HBLR-000L7 "), "\(name)")
        let inventory = try HostReader(sysroot: output).inventory()
        #expect(inventory.host.hostName == "host" && inventory.host.kernel == "6.1.0-28-amd64")
        #expect(inventory.initiators.first { $0.transport == .fc }?.symbolicName == "Emulex LPe32002 FV12.8 DV14 HN:host. OS:Linux")
        #expect(inventory.sessions.first?.portals.count == 1)
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/", "/m/dev", "/m/odd", "/m/ov", "/net/server1"])
        #expect(inventory.fileSystems.last?.source == "server1:/share1")
    }

    /// A host whose disks, arrays, servers and users are named where one would not look for them. What must not be in the archive stands in `planted`.
    private func strangers() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        try tree.file("proc/stat", "btime 1\n")
        try tree.file("proc/sys/kernel/hostname", "web-9\n")
        try tree.file("etc/os-release", "NAME=\"Debian\"\nVERSION_ID=\"12.1.2.3\"\nSUPPORT_URL=\"mailto:help@desk.acme.example\"\n")
        try tree.file(
            "etc/iscsi/initiatorname.iscsi",
            """
            ## of nas09.acme.example, password=OPENSESAME
            InitiatorName=iqn.1993-08.org.debian:01:aabbccddeeff
            InitiatorAlias=alias of acme

            """)
        try tree.file(
            "proc/drbd", "version: 8.4.11 (api:1/proto:86-101)\nGIT-hash: 66145a30 build by root@forge.acme.example, 2020-04-21\n")
        for (process, name) in [
            (55, "10.20.30.40-man"), (56, "fd00:aa::7-mana"), (57, "nas01.acme.exam"), (58, "nas01.acme.example-manager"),
            (59, "filer07-reclaim"),
            (60, "fd00:bb:1:2:3:4"), (61, "kworker/0:1H-kblockd"), (62, "btrfs-qgroup-re"), (63, "NFSv4 callback"),
        ] {
            try tree.file("proc/\(process)/comm", "\(name)\n")
        }
        try tree.file("proc/64/comm", "network-manager\n")
        try tree.link("proc/64/exe", to: "/usr/sbin/network-manager")
        // A disk by its serial number, which page 0x80 and udev have, and the map that is named by it.
        let disk = "sys/devices/platform/host3/session1/target3:0:0/3:0:0:1"
        try tree.device("\(disk)/block/sda", number: "8:0", sectors: 1000)
        try tree.link("\(disk)/block/sda/device", to: "../../../3:0:0:1")
        try tree.attributes(
            disk,
            ["type": "0", "vendor": "ATA", "model": "WDC WD40", "rev": "1.2.3.4", "wwid": "t10.ATA     WDC WD40        WD-WCC4E1234567"])
        try tree.file("\(disk)/vpd_pg80", bytes: [0, 0x80, 0, 15] + Array("WD-WCC4E1234567".utf8))
        // T10 vendor identification, and one of the vendor's own.
        let maker = Array("ATA     WDC WD40        WD-WCC4E1234567 ".utf8), own = Array("OWNID77 ".utf8)
        let name = Array("iqn.2019-04.com.acme.private:x1\0".utf8)
        let designators =
            [2, 1, 0, UInt8(maker.count)] + maker + [2, 0, 0, UInt8(own.count)] + own + [0x53, 0xA8, 0, UInt8(name.count)] + name
        try tree.file("\(disk)/vpd_pg83", bytes: [0, 0x83, 0, UInt8(designators.count)] + designators)
        try tree.link("sys/class/scsi_device/3:0:0:1/device", toPath: disk)
        try tree.link("sys/class/block/sda", toPath: "\(disk)/block/sda")
        let map = "sys/devices/virtual/block/dm-0"
        try tree.device(map, number: "253:0", sectors: 1000)
        try tree.attributes("\(map)/dm", ["name": "1ATA_WDC_WD40_WD-WCC4E1234567", "uuid": "mpath-1ATA_WDC_WD40_WD-WCC4E1234567"])
        try tree.link("sys/class/block/dm-0", toPath: map)
        let volume = "sys/devices/virtual/block/dm-1"
        try tree.device(volume, number: "253:1", sectors: 1000)
        // LVM writes the hyphens of a volume group twice.
        try tree.attributes(
            "\(volume)/dm", ["name": "web--9--vg-root", "uuid": "LVM-ihzdtFvSmI8p5AfyA2nemZ3tSOIlqT8OLrd3M2R52leqMhNM3TCbLWn3SrZQZnGd"])
        try tree.link("sys/class/block/dm-1", toPath: volume)
        let loop = "sys/devices/virtual/block/loop0"
        try tree.device(loop, number: "7:0", sectors: 1000)
        try tree.file("\(loop)/loop/backing_file", "/home/bobthebuilder/disk.img\n")
        // A zero byte makes a file no text.
        try tree.file("\(loop)/serial", bytes: Array("NULSERIAL88\0\n".utf8))
        try tree.link("sys/class/block/loop0", toPath: loop)
        try tree.file("proc/spl/kstat/zfs/web-9-pool/state", "ONLINE\n")
        let session = "sys/devices/platform/host3/session1/iscsi_session/session1"
        try tree.attributes(
            session,
            [
                "initiatorname": "iqn.2019-04.com.acme.privateclient", "state": "LOGGED_IN", "ifacename": "enx0090fa1e2b3c",
                "targetname": "iqn.2003-01.org.linux-iscsi.storesrv42.x8664:sn.1234567890ab",
            ])
        try tree.link("sys/class/iscsi_session/session1", toPath: session)
        let connection = "sys/devices/platform/host3/session1/connection1:0/iscsi_connection/connection1:0"
        try tree.attributes(
            connection, ["address": "2001:db8:7:1:2:3:4:5", "persistent_address": "::ffff:10.77.88.99", "persistent_port": "3260"])
        try tree.link("sys/class/iscsi_connection/connection1:0", toPath: connection)
        let port = "sys/devices/pci0000:00/host1/fc_host/host1"
        try tree.attributes(
            port, ["port_name": "0x10000090fa53bd26", "symbolic_name": "Emulex LPe32002 FV12.8 DV14 HN:oldname66. OS:Linux"])
        try tree.link("sys/class/fc_host/host1", toPath: port)
        try tree.file(
            "run/udev/data/b8:0",
            """
            E:ID_MODEL=WDC_WD40
            E:ID_SERIAL=1ATA_WDC_WD40_WD-WCC4E1234567
            E:ID_SERIAL_SHORT=ATA_WDC_WD40_WD-WCC4E1234567
            E:ID_SCSI_SERIAL=WD-WCC4E1234567
            E:ID_FS_LABEL=oldsrv55:data
            E:ID_FS_TYPE=linux_raid_member
            E:ID_FS_PUBLISHER_ID=MALLORY
            E:ID_PATH=ip-10.1.2.3:3260-iscsi-iqn.2003-01.org.linux-iscsi.storesrv42.x8664:sn.1234567890ab-lun-1

            """)
        try tree.file(
            "run/udev/data/b253:0",
            """
            S:mapper/1ATA_WDC_WD40_WD-WCC4E1234567
            S:mapper/1ATA_WDC_WD40_WD-WCC4E1234567p1
            S:md/oldsrv55:data
            E:DM_NAME=1ATA_WDC_WD40_WD-WCC4E1234567
            E:DM_UUID=mpath-1ATA_WDC_WD40_WD-WCC4E1234567
            E:DM_SERIAL=1ATA_WDC_WD40_WD-WCC4E1234567
            E:MD_NAME=oldsrv55:data
            E:ID_FS_LABEL_ENC=of\\x20web-9

            """)
        try tree.file("proc/swaps", "Filename Type Size Used Priority\n/dev/mapper/1ATA_WDC_WD40_WD-WCC4E1234567p2 partition 100 0 -2\n")
        try tree.file(
            "proc/self/mountinfo",
            """
            22 1 253:0 / / rw - ext4 /dev/mapper/1ATA_WDC_WD40_WD-WCC4E1234567 rw
            23 22 9:127 / /m/my\\040web-9 rw - ext4 /dev/md/oldsrv55:data rw
            24 22 0:40 / /mnt/nas01.acme.example rw - nfs4 nas01.acme.example:/export/secret rw,addr=10.20.30.40
            25 22 0:41 / /mnt/two rw - nfs4 nas01.acme.example:/export/other rw,addr=10.20.30.40
            26 22 0:42 / /mnt/six rw - nfs4 [fd00:bb:1:2:3:4:5:6]:/export rw,addr=fd00:bb:1:2:3:4:5:6
            27 22 0:43 / /run/media/bobthebuilder/stick rw - zfs rpool/USERDATA/bobthebuilder_1a2b3c rw
            28 22 8:0 / /mnt/of-filer07 rw - ext4 /dev/sda1 rw
            29 22 0:44 / /mnt/f rw - nfs filer07:/f rw
            30 22 8:0 / /mnt/jo@desk.acme.example rw - ext4 /dev/sda2 rw

            """)
        return tree
    }

    private static let planted =
        "WCC4E|OWNID77|NULSERIAL|10\\.20\\.30|10\\.77|77\\.88|10\\.1\\.2|fd00|db8:7|storesrv|acme|private|oldsrv|oldname|OPENSESAME"
        + "|nas0|filer0|web-|bobthe|mallory|forge|desk|secret|1e2b3c|aabbcc|1234567890ab|alias of"

    @Test func nothingIsNamedWhereOneWouldNotLook() throws {
        let tree = try strangers()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        let output = "\(tree.root)/capture"
        let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", tree.root, "--anonymous", "--output", output])
        try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        try #require(try ChildProcess.run("/bin/tar", ["-C", tree.root, "-xJf", "\(output).tar.xz"]).status == 0)
        let words = try ChildProcess.run("/bin/grep", ["-raiE", Self.planted, output])
        #expect(words.status == 1, "\(String(decoding: words.output, as: UTF8.self))")
        let paths = try ChildProcess.run("/usr/bin/find", [output, "-printf", "%P %l\n"])
        let all = String(decoding: paths.output, as: UTF8.self)
        #expect(!all.contains("web-9") && all.contains("proc/spl/kstat/zfs/host-pool/state"))

        // What is one thing stays one, and as long as it was.
        func text(_ path: String) throws -> String { try String(contentsOfFile: "\(output)/\(path)", encoding: .utf8) }
        let map = try text("sys/class/block/dm-0/dm/name").trimmingCharacters(in: .newlines)
        #expect(map == "1ATA_WDC_WD40_S00000000000001")
        try #expect(text("sys/class/block/dm-0/dm/uuid") == "mpath-\(map)\n")
        let properties = try text("run/udev/data/b253:0")
        #expect(properties.contains("S:mapper/\(map)\nS:mapper/\(map)p1\n") && properties.contains("E:DM_SERIAL=\(map)\n"), "\(properties)")
        #expect(properties.contains("S:md/other") && properties.contains("ID_FS_LABEL_ENC=of\\x20host\n"), "\(properties)")
        let swaps = try text("proc/swaps")
        #expect(swaps.hasSuffix("/dev/mapper/\(map)p2 partition 100 0 -2\n"), "\(swaps)")
        try #expect(text("sys/class/block/dm-1/dm/name") == "host--vg-root\n")
        let mounts = try text("proc/self/mountinfo")
        #expect(
            mounts.contains(" /m/my\\040host rw - ext4 /dev/md/other") && mounts.contains(" - ext4 /dev/mapper/\(map) rw\n"), "\(mounts)")
        let nfs = mounts.split(separator: "\n").filter { $0.contains(" - nfs4 server") }.compactMap {
            $0.split(separator: " ").dropLast().last
        }
        #expect(nfs.count == 3 && Set(nfs).count == 3 && nfs[0].split(separator: ":")[0] == nfs[1].split(separator: ":")[0], "\(nfs)")
        // Threads that name nobody, and programs, are called what they were.
        for (process, name) in [(61, "kworker/0:1H-kblockd"), (62, "btrfs-qgroup-re"), (63, "NFSv4 callback"), (64, "network-manager")] {
            try #expect(text("proc/\(process)/comm") == "\(name)\n")
        }
        let inventory = try HostReader(sysroot: output).inventory()
        #expect(inventory.host.operatingSystem?.version == "12.1.2.3")
        let session = try #require(inventory.sessions.first)
        #expect(session.target?.description.hasPrefix("iqn.2003-01.org.linux-iscsi.authority") == true, "\(session)")
        let known = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems == known.problems, "\(inventory.problems)")
        let disk = try #require(inventory.blockDevices.first { $0.name == "sda" })
        #expect(disk.serial == "S00000000000001" && disk.wwid?.description == "t10.ATA     WDC WD40        S00000000000001", "\(disk)")
        #expect(disk.revision == "1.2.3.4")
    }

    /// What somebody wrote beside the names is not read, and not kept.
    @Test func commentsAreInNoCapture() throws {
        let tree = try strangers()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        let output = "\(tree.root)/capture"
        let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", tree.root, "--output", output])
        try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        try #require(try ChildProcess.run("/bin/tar", ["-C", tree.root, "-xJf", "\(output).tar.xz"]).status == 0)
        #expect(
            try String(contentsOfFile: "\(output)/etc/iscsi/initiatorname.iscsi", encoding: .utf8)
                == "InitiatorName=iqn.1993-08.org.debian:01:aabbccddeeff\nInitiatorAlias=alias of acme\n")
        try #expect(ChildProcess.run("/bin/grep", ["-ra", "OPENSESAME", output]).status == 1)
    }
}
