import Foundation

/// Hosts as trees: written after sysfs as Linux 6.1 has it, with what the readers and lsblk look at.
enum SampleHost: String, CaseIterable, Sendable {
    /// Two FC ports, two target ports, two volumes by four paths each; multipath, a partition on it, LVM and swap on the other.
    case fibreChannelMultipath = "fibre-channel-multipath"
    /// open-iscsi, one session, two logical units.
    case iscsi
    /// NVMe over TCP with native multipath, and a local drive.
    case nvmeMultipath = "nvme-multipath"
    /// md, dm-crypt, loop, btrfs over two disks, a CD drive, RAM disk, zram.
    case stacked

    func build() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        switch self {
        case .fibreChannelMultipath: try Self.fibreChannelMultipath(tree)
        case .iscsi: try Self.iscsi(tree)
        case .nvmeMultipath: try Self.nvmeMultipath(tree)
        case .stacked: try Self.stacked(tree)
        }
        return tree
    }

    private static func fibreChannelMultipath(_ tree: TreeBuilder) throws {
        var minor = 16
        var letters = "bcdefghi".map { String($0) }
        var members: [Int: [String]] = [:]
        for host in 6...7 {
            let base = "sys/devices/pci0000:00/0000:00:0\(host).0/host\(host)"
            let ports = "\(base)/fc_host/host\(host)"
            try tree.attributes(
                ports,
                [
                    "port_name": "0x10000090fa53bd2\(host)", "node_name": "0x20000090fa53bd2\(host)", "fabric_name": "0x1000000533aabbcc",
                    "port_state": "Online", "port_type": "NPort (fabric via point-to-point)", "speed": "16 Gbit",
                    "symbolic_name": "Emulex LPe16002B FV11.2",
                ])
            try tree.link("sys/class/fc_host/host\(host)", toPath: ports)
            try tree.attributes("\(base)/scsi_host/host\(host)", ["proc_name": "lpfc"])
            try tree.link("sys/class/scsi_host/host\(host)", toPath: "\(base)/scsi_host/host\(host)")
            for port in 0...1 {
                let remote = "\(base)/rport-\(host):0-\(port)"
                let attributes = "\(remote)/fc_remote_ports/rport-\(host):0-\(port)"
                try tree.attributes(attributes, ["port_name": "0x500601603ba0123\(port)", "port_state": "Online"])
                try tree.link("sys/class/fc_remote_ports/rport-\(host):0-\(port)", toPath: attributes)
                for lun in 0...1 {
                    let name = "sd\(letters.removeFirst())"
                    try tree.scsiDisk(
                        name, number: "8:\(minor)", unit: "\(remote)/target\(host):0:\(port)/\(host):0:\(port):\(lun)",
                        sectors: lun == 0 ? 209_715_200 : 419_430_400, wwid: "naa.6006016012345678000000000000000\(lun)",
                        serial: "CKM0012345678\(lun)", vendor: "DGC     ", model: "VRAID           ")
                    try tree.file(
                        "run/udev/data/b8:\(minor)",
                        "S:disk/by-id/wwn-0x6006016012345678000000000000000\(lun)\nI:5000\nE:ID_FS_TYPE=mpath_member\n"
                            + "E:ID_SERIAL=3600601601234567800000000\nE:DM_MULTIPATH_DEVICE_PATH=1\nG:systemd\nQ:systemd\nV:1\n")
                    members[lun, default: []].append(name)
                    minor += 16
                }
            }
        }
        let ata = "sys/devices/pci0000:00/0000:00:1f.2/ata1/host0"
        try tree.attributes("\(ata)/scsi_host/host0", ["proc_name": "ahci"])
        try tree.link("sys/class/scsi_host/host0", toPath: "\(ata)/scsi_host/host0")
        try tree.scsiDisk(
            "sda", number: "8:0", unit: "\(ata)/target0:0:0/0:0:0:0", sectors: 468_862_128, wwid: "naa.5002538d40878f8e",
            serial: "S21DNXAG",
            vendor: "ATA     ", model: "Samsung SSD 850 ")
        try tree.partition(1, of: "sda", number: "8:1", sectors: 1_048_576)
        try tree.partition(2, of: "sda", number: "8:2", sectors: 467_810_304)
        try tree.map(
            0, name: "mpatha", uuid: "mpath-36006016012345678000000000000000" + "0", sectors: 209_715_200, on: members[0] ?? [])
        try tree.map(
            1, name: "mpathb", uuid: "mpath-36006016012345678000000000000000" + "1", sectors: 419_430_400, on: members[1] ?? [])
        try tree.map(2, name: "mpatha-part1", uuid: "part1-mpath-360060160123456780000000000000000", sectors: 209_713_152, on: ["dm-0"])
        try tree.map(3, name: "vg0-data", uuid: "LVM-YjKzKz1Iu0f9XyGkGkqyq0pWGcYyyrCNdata", sectors: 400_000_000, on: ["dm-1"])
        try tree.map(4, name: "vg0-swap", uuid: "LVM-YjKzKz1Iu0f9XyGkGkqyq0pWGcYyyrCNswap", sectors: 8_388_608, on: ["dm-1"])
        try tree.file("run/udev/data/b253:3", "S:vg0/data\nS:mapper/vg0-data\nE:ID_FS_TYPE=xfs\nE:ID_FS_UUID=5b1f9a1c-0001\nV:1\n")
        try tree.host(
            "fc1.example.net",
            mountinfo: """
                22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
                23 22 0:21 / /proc rw,nosuid - proc proc rw
                30 22 8:1 / /boot rw,relatime shared:20 - ext4 /dev/sda1 rw
                31 22 253:2 / /srv/a\\040b rw - ext4 /dev/mapper/mpatha-part1 rw
                32 22 253:3 / /srv/data ro,relatime - xfs /dev/mapper/vg0-data ro
                33 22 253:3 /exports /exports rw,relatime - xfs /dev/mapper/vg0-data rw
                34 22 0:50 / /mnt/nfs rw - nfs4 filer:/export rw,vers=4.2,addr=10.0.0.9

                """, swaps: "/dev/dm-4                               partition\t4194300\t\t1024\t\t-2\n")
    }

    private static func iscsi(_ tree: TreeBuilder) throws {
        let base = "sys/devices/platform/host7"
        try tree.attributes("\(base)/iscsi_host/host7", ["initiatorname": "iqn.1993-08.org.debian:01:5a3c1e", "hwaddress": "default"])
        try tree.link("sys/class/iscsi_host/host7", toPath: "\(base)/iscsi_host/host7")
        try tree.attributes("\(base)/scsi_host/host7", ["proc_name": "iscsi_tcp"])
        try tree.link("sys/class/scsi_host/host7", toPath: "\(base)/scsi_host/host7")
        let session = "\(base)/session1/iscsi_session/session1"
        try tree.attributes(
            session, ["targetname": "iqn.2026-01.net.example:array1", "initiatorname": "iqn.1993-08.org.debian:01:5a3c1e", "tpgt": "1"])
        try tree.link("sys/class/iscsi_session/session1", toPath: session)
        for lun in 1...2 {
            try tree.scsiDisk(
                lun == 1 ? "sda" : "sdb", number: lun == 1 ? "8:0" : "8:16", unit: "\(base)/session1/target7:0:0/7:0:0:\(lun)",
                sectors: 2_097_152 * lun, wwid: lun == 1 ? "naa.60000000000000000e0000000001000\(lun)" : nil, serial: "beaf1\(lun)",
                vendor: "IET     ")
        }
        // The second unit has no wwid attribute, as under older kernels: page 0x83 says it, with a T10 and an NAA designator.
        try tree.file(
            "sys/devices/platform/host7/session1/target7:0:0/7:0:0:2/vpd_pg83",
            bytes: [0, 0x83, 0, 36] + [2, 1, 0, 12] + Array("IET     0002".utf8) + [1, 3, 0, 16]
                + [0x60, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0, 0, 0, 0, 1, 0, 2])
        try tree.partition(1, of: "sda", number: "8:1", sectors: 2_095_104)
        try tree.file(
            "etc/iscsi/initiatorname.iscsi",
            "## DO NOT EDIT\n#InitiatorName=iqn.2000-01.org.wrong:x\nInitiatorName=iqn.1993-08.org.debian:01:5A3C1E\n")
        try tree.file("etc/iscsi/initiatorname.iscsi~", "InitiatorName=iqn.2000-01.org.backup:x\n")
        try tree.file("run/udev/data/b8:16", "E:ID_FS_TYPE=ocfs2\nE:ID_VENDOR=IET\n")
        try tree.host("iscsi1", mountinfo: "40 1 8:1 / /data rw - ext4 /dev/sda1 rw\n41 1 8:16 / /shared rw - ocfs2 /dev/sdb rw\n")
    }

    private static func nvmeMultipath(_ tree: TreeBuilder) throws {
        let subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0"
        try tree.attributes(
            subsystem,
            [
                "model": "Linux                                   ", "serial": "87d2fa1a0ba6e0e8", "firmware_rev": "6.1.0-28",
                "subsysnqn": "nqn.2026-01.net.example:array1",
            ])
        for controller in 0...1 {
            let base = "sys/devices/virtual/nvme-fabrics/ctl/nvme\(controller)"
            try tree.attributes(
                base,
                [
                    "transport": "tcp", "model": "Linux", "state": "live", "subsysnqn": "nqn.2026-01.net.example:array1",
                    "hostnqn": "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555",
                    "hostid": "11111111-2222-3333-4444-555555555555", "address": "traddr=10.0.0.\(controller),trsvcid=4420",
                ])
            try tree.link("sys/class/nvme/nvme\(controller)", toPath: base)
            try tree.link("\(subsystem)/nvme\(controller)", toPath: base)
            try tree.device("\(base)/nvme0c\(controller)n1", number: "259:\(controller + 10)", sectors: 20_971_520)
            try tree.file("\(base)/nvme0c\(controller)n1/hidden", "1\n")
        }
        let head = "\(subsystem)/nvme0n1"
        try tree.device(head, number: "259:0", sectors: 20_971_520)
        try tree.attributes(head, ["wwid": "uuid.6a5e2c8e-9b1f-4c3c-8d5a-2f0f8f1c0001", "nsid": "1"])
        try tree.link("\(head)/device", toPath: subsystem)
        try tree.partition(1, of: "nvme0n1", number: "259:1", sectors: 20_969_472)
        let local = "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme2"
        try tree.attributes(
            local,
            [
                "transport": "pcie", "model": "KINGSTON SKC1000240G", "serial": "50026B728203601D    ", "firmware_rev": "E8FK12.3",
                "state": "live", "subsysnqn": "nqn.2014.08.org.nvmexpress:1987198750026B728203601D    KINGSTON",
            ])
        try tree.link("sys/class/nvme/nvme2", toPath: local)
        try tree.device("\(local)/nvme2n1", number: "259:2", sectors: 468_862_128)
        try tree.attributes("\(local)/nvme2n1", ["wwid": "eui.0026b728203601d5", "nsid": "1"])
        try tree.link("\(local)/nvme2n1/device", toPath: local)
        try tree.file("etc/nvme/hostnqn", "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555\n")
        try tree.file("etc/nvme/hostid", "11111111-2222-3333-4444-555555555555\n")
        try tree.host(
            "nvme1", mountinfo: "50 1 259:2 / / rw - ext4 /dev/nvme2n1 rw\n51 50 259:1 / /db rw - xfs /dev/nvme0n1p1 rw\n",
            swaps: "/var/swap\\040file                       file\t\t1048572\t\t0\t\t-2\n")
    }

    private static func stacked(_ tree: TreeBuilder) throws {
        for (index, name) in ["sda", "sdb"].enumerated() {
            try tree.scsiDisk(
                name, number: "8:\(index * 16)", unit: "sys/devices/pci0000:00/0000:00:10.0/host\(index)/target\(index):0:0/\(index):0:0:0",
                sectors: 41_943_040, wwid: "naa.5000c5000000000\(index)", serial: nil)
            try tree.partition(1, of: name, number: "8:\(index * 16 + 1)", sectors: 20_000_000)
            try tree.partition(2, of: name, number: "8:\(index * 16 + 2)", sectors: 10_000_000)
        }
        try tree.scsiDisk(
            "sr0", number: "11:0", unit: "sys/devices/pci0000:00/0000:00:11.0/host2/target2:0:0/2:0:0:0", sectors: 2_097_151, wwid: nil,
            serial: nil, vendor: "QEMU    ", model: "QEMU DVD-ROM    ", type: 5)
        try tree.device("sys/devices/virtual/block/md0", number: "9:0", sectors: 19_980_000)
        try tree.attributes("sys/devices/virtual/block/md0/md", ["level": "raid1", "array_state": "clean"])
        try tree.stack("md0", on: ["sda1", "sdb1"])
        try tree.device("sys/devices/virtual/block/md127", number: "9:127", sectors: 1_000)
        try tree.map(0, name: "secret", uuid: "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-secret", sectors: 19_940_000, on: ["md0"])
        try tree.map(1, name: "bare", uuid: "", sectors: 1_000, on: ["dm-0"])
        try tree.device("sys/devices/virtual/block/loop0", number: "7:0", sectors: 204_800)
        try tree.file("sys/devices/virtual/block/loop0/loop/backing_file", "/var/lib/images/disk one.img\n")
        try tree.device("sys/devices/virtual/block/loop1", number: "7:1", sectors: 0)
        try tree.device("sys/devices/virtual/block/ram0", number: "1:0", sectors: 8_192)
        try tree.device("sys/devices/virtual/block/zram0", number: "252:0", sectors: 0)
        for name in ["sda2", "sdb2"] { try tree.directory("sys/fs/btrfs/8e6f3a3e-0000-4000-8000-000000000001/devices/\(name)") }
        try tree.directory("sys/fs/btrfs/features")
        try tree.host(
            "stacked1",
            mountinfo: """
                60 1 253:0 / / rw - ext4 /dev/mapper/secret rw
                61 60 0:45 /@home /home rw,relatime - btrfs /dev/sda2 rw,space_cache=v2,subvol=/@home
                62 60 7:0 / /mnt/image ro - iso9660 /dev/loop0 ro
                63 60 0:46 / /tmp rw - tmpfs tmpfs rw

                """, swaps: "")
    }
}
