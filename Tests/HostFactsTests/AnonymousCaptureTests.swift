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
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/", "/m/dev", "/m/odd", "/m/ov", "/net/other1"])
    }
}
