import Foundation
import Identifiers
import Inventory
import Testing

@testable import HostFacts

@Suite struct HostAndInitiatorTests {
    @Test func debiansFreshFileNamesNoInitiator() throws {
        let tree = try TreeBuilder()
        try tree.file("etc/iscsi/initiatorname.iscsi", "GenerateName=yes\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.initiators.isEmpty && inventory.problems.isEmpty)
    }

    @Test(
        arguments: [
            ("InitiatorName=iqn.2026-01.net.example:a\n", "iqn.2026-01.net.example:a"),
            ("  InitiatorName = IQN.2026-01.net.Example:A \r\n", "iqn.2026-01.net.example:a"),
            ("# x\n\nInitiatorName=eui.02004567a425678d\nInitiatorName=iqn.2026-01.net.example:second", "eui.02004567a425678d"), ("", nil),
            ("#InitiatorName=iqn.2026-01.a:b\n", nil),
            ("InitiatorAlias=x\n", nil),
        ] as [(String, String?)])
    func theFirstNameOfTheFileCounts(text: String, name: String?) throws {
        let tree = try TreeBuilder()
        try tree.file("etc/iscsi/initiatorname.iscsi", text)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.initiators.map { $0.iqn?.description } == (name.map { [$0] } ?? []))
        #expect(inventory.problems.isEmpty)
    }

    @Test(arguments: [
        "InitiatorName=\n", "InitiatorName=not a name\n", "InitiatorName=iqn.2026-13.net.example:a\n", "InitiatorName=\u{0}\n",
    ])
    func aNameThatIsNoneIsMalformed(text: String) throws {
        let tree = try TreeBuilder()
        try tree.file("etc/iscsi/initiatorname.iscsi", text)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.initiators.isEmpty)
        #expect(inventory.problems.count == 1 && inventory.problems[0].reason.hasPrefix("malformed: not an iSCSI name: "))
    }

    @Test func adaptersWithNamesOfTheirOwnAreInitiatorsToo() throws {
        let tree = try SampleHost.iscsi.build()
        for (host, name) in [("host8", "iqn.2000-04.com.qlogic:qla4xxx"), ("host9", "(null)")] {
            try tree.attributes("sys/devices/pci0/\(host)/iscsi_host/\(host)", ["initiatorname": name])
            try tree.link("sys/class/iscsi_host/\(host)", toPath: "sys/devices/pci0/\(host)/iscsi_host/\(host)")
            try tree.attributes("sys/class/scsi_host/\(host)", ["proc_name": "qla4xxx"])
        }
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .hostAndInitiators)
        #expect(inventory.initiators.map { $0.name } == ["host8", nil])
        #expect(
            inventory.initiators.compactMap { $0.iqn?.description } == [
                "iqn.2000-04.com.qlogic:qla4xxx", "iqn.1993-08.org.debian:01:5a3c1e",
            ])
    }

    @Test func withoutTheFileSessionsSayTheName() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("etc/iscsi")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.initiators == [Inventory.Initiator(transport: .iscsi, iqn: ISCSIName("iqn.1993-08.org.debian:01:5a3c1e"))])
    }

    @Test(arguments: ["0xffffffffffffffff", "0x0", "0x0000000000000000"])
    func aPortThatIsInNoFabricHasNoFabricName(value: String) throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        let port = "sys/devices/pci0000:00/0000:00:06.0/host6/fc_host/host6"
        try tree.file("\(port)/fabric_name", "\(value)\n")
        try tree.file("\(port)/port_name", "rubbish\n")
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .hostAndInitiators)
        let initiator = try #require(inventory.initiators.first { $0.name == "host6" })
        #expect(initiator.fabricName == nil && initiator.wwpn == nil && initiator.wwnn != nil)
        #expect(inventory.problems.map(\.field) == ["wwpn"])
    }

    @Test(
        arguments: [
            ("0123456789ABCDEF0123456789abcdef\n", "0123456789abcdef0123456789abcdef", 0), ("uninitialized\n", nil, 0), ("", nil, 0),
            ("short\n", nil, 1),
        ] as [(String, String?, Int)])
    func theMachineIDIs32HexadecimalDigits(text: String, machineID: String?, problems: Int) throws {
        let tree = try TreeBuilder()
        try tree.file("etc/machine-id", text)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.host.machineID == machineID && inventory.problems.count == problems)
    }

    @Test(
        arguments: [
            ("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n", "Debian GNU/Linux", "12"),
            ("NAME='SLES'\nVERSION=\"15-SP6\"\n#X=1\n", "SLES", "15-SP6"),
            ("NAME=\"a \\\"b\\\"\"\n", "a \"b\"", nil), ("garbage\n", "Linux", nil),
        ] as [(String, String, String?)])
    func osReleaseIsReadWithItsQuotes(text: String, name: String, version: String?) throws {
        let tree = try TreeBuilder()
        try tree.file("usr/lib/os-release", text)
        let host = try HostReader(sysroot: tree.root).inventory().host
        #expect(host.operatingSystem == Inventory.OperatingSystem(name: name, version: version))
    }

    @Test func capturesWithoutSysctlTellTheKernelByItsVersionText() throws {
        let tree = try TreeBuilder()
        try tree.file("proc/version", "Linux version 4.16.15-200.fc27.x86_64 (mockbuild@x) #1 SMP\n")
        #expect(try HostReader(sysroot: tree.root).inventory().host.kernel == "4.16.15-200.fc27.x86_64")
    }

    @Test func levelsTellNoMoreThanAsked() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.file(
            "var/lib/dpkg/status",
            "Package: postgresql-15\nStatus: install ok installed\nVersion: 15.8-0\n\n"
                + "Package: postgresql-client-15\nStatus: install ok installed\n\n"
                + "Package: samba\nStatus: deinstall ok config-files\nVersion: 1\n")
        try tree.file("proc/4711/comm", "postgres\n")
        try tree.file("proc/4712/comm", "nfsd\n")
        let reader = try HostReader(sysroot: tree.root)
        let all = reader.inventory(level: .applications)
        #expect(
            all.applications == [
                Inventory.Application(name: "nfs-server", evidence: "process nfsd"),
                Inventory.Application(name: "postgresql", version: "15.8-0", evidence: "package postgresql-15"),
            ])
        #expect(reader.inventory() == all.limited(to: .storage))
        #expect(reader.inventory(level: .hostAndInitiators) == all.limited(to: .hostAndInitiators))
    }

    @Test func aTraceTellsWhereEachValueCameFrom() throws {
        let tree = try SampleHost.iscsi.build()
        let trace = Trace()
        _ = try HostReader(sysroot: tree.root).inventory(trace: trace)
        let steps = try #require(trace.steps["sdb"]).filter { $0.field == "wwid" }
        let unit = "/sys/devices/platform/host7/session1/target7:0:0/7:0:0:2"
        #expect(
            steps == [
                Trace.Step(field: "wwid", path: "\(unit)/wwid", outcome: "absent"),
                Trace.Step(field: "wwid", path: "\(unit)/vpd_pg83", outcome: "naa.60000000000000000e00000000010002"),
            ])
    }
}
