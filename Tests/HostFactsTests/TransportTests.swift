import Identifiers
import Inventory
import StrictJSON
import Testing

@testable import HostFacts

/// Remote ports, sessions, controllers, and what ties disks to them.
@Suite struct TransportTests {
    @Test func aDiskIsReachedThroughAPortAndARemotePort() throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        try tree.attributes(
            "sys/class/fc_remote_ports/rport-6:0-0",
            ["node_name": "0x50060160bba01234", "port_id": "0x010200", "roles": "FCP Target", "scsi_target_id": "0"])
        try tree.attributes("sys/class/fc_remote_ports/rport-7:0-1", ["scsi_target_id": "-1", "roles": "FCP Initiator"])
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        #expect(inventory.remotePorts.map(\.name) == ["rport-6:0-0", "rport-6:0-1", "rport-7:0-0", "rport-7:0-1"])
        let port = inventory.remotePorts[0]
        #expect(port.host == "host6" && port.initiator == WWN("10:00:00:90:fa:53:bd:26"))
        #expect(port.wwpn == WWN("0x500601603ba01230") && port.portID == "0x010200" && port.scsiTarget == 0)
        #expect(inventory.remotePorts[3].scsiTarget == nil && inventory.remotePorts[3].roles == "FCP Initiator")
        let unit = try #require(inventory.blockDevices.first { $0.name == "sdb" }?.logicalUnit)
        #expect(unit.remotePort == "rport-6:0-0" && unit.targetPort == port.wwpn.map(InitiatorName.wwpn))
        #expect(unit.initiator == port.initiator.map(InitiatorName.wwpn))
        #expect(try HostReader(sysroot: tree.root).inventory(level: .hostAndInitiators).remotePorts.isEmpty)
    }

    @Test(arguments: [
        ("lpfc", "modelname", "fwrev", "lpfc_drvr_version"), ("qla2xxx", "model_name", "fw_version", "driver_version"),
        ("bfa", "model", "firmware_version", "driver_version"),
    ])
    func eachDriverSaysItsAdapterInItsOwnPlace(driver: String, model: String, firmware: String, version: String) throws {
        let tree = try SampleHost.fibreChannelMultipath.build()
        let host = "sys/class/scsi_host/host6"
        try tree.file("\(host)/proc_name", driver + "\n")
        for (attribute, value) in [(model, "A Model"), (firmware, "1.2.3, sli-4"), (version, "0:9.8.7")] {
            try tree.file("\(host)/\(attribute)", value + "\n")
        }
        let initiator = try #require(try HostReader(sysroot: tree.root).inventory().initiators.first { $0.name == "host6" })
        #expect(initiator.model == "A Model" && initiator.firmware == "1.2.3, sli-4" && initiator.driverVersion == "0:9.8.7")
    }

    @Test(
        arguments: [
            ("Emulex LPe16002B FV11.2 DV11.4", "LPe16002B", "11.2"), ("QLE2692 FW:v8.08.05 DVR:v10.00", "QLE2692", "8.08.05"),
            ("fcoe v0.1 over eth0", nil, nil), ("FV11", nil, nil), ("x FV", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func theSymbolicNameTellsTheRest(name: String, model: String?, firmware: String?) {
        let told = FibreChannelAdapter.told(by: name)
        #expect(told.model == model && told.firmware == firmware)
    }

    @Test func aSessionHasItsPortalsAndItsDisks() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.attributes(
            "sys/class/iscsi_session/session1",
            ["state": "LOGGED_IN", "ifacename": "default", "username": "somebody", "username_in": "(null)"])
        try tree.attributes(
            "sys/class/iscsi_connection/connection1:0", ["address": "10.0.0.9", "port": "3260", "state": "up", "persistent_address": "x"])
        // A connection that is down has the place where it is to be.
        try tree.attributes("sys/class/iscsi_connection/connection1:1", ["persistent_address": "fe80::9", "persistent_port": "3261"])
        try tree.attributes("sys/class/iscsi_connection/connection10:0", ["address": "10.0.0.10", "port": "3260"])
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        let session = try #require(inventory.sessions.first)
        #expect(inventory.sessions.count == 1 && session.name == "session1" && session.host == "host7")
        #expect(session.target?.description == "iqn.2026-01.net.example:array1" && session.targetPortalGroupTag == 1)
        #expect(session.state == "LOGGED_IN" && session.authentication == .chap && session.interface == "default")
        #expect(
            session.portals == [
                Inventory.Session.Portal(address: "10.0.0.9", port: 3260, state: "up"),
                Inventory.Session.Portal(address: "fe80::9", port: 3261),
            ])
        #expect(inventory.blockDevices.first { $0.name == "sda" }?.logicalUnit?.session == "session1")
        #expect(!inventory.jsonText.contains("somebody"))
    }

    @Test func authenticationThatIsRootsToKnowComesWithPrivilege() throws {
        let tree = try SampleHost.iscsi.build()
        let privileged = PrivilegedFacts(sessions: [SessionAuthentication(name: "session1", authentication: .mutualCHAP)])
        #expect(try HostReader(sysroot: tree.root, privileged: privileged).inventory().sessions[0].authentication == .mutualCHAP)
        #expect(try HostReader(sysroot: tree.root, privileged: PrivilegedFacts()).inventory().sessions[0].authentication == .unknown)
    }

    @Test func interfacesAreThoseOfOpenISCSIsRecords() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.file("etc/iscsi/ifaces/iface.example", "iface.iscsi_ifacename = wrong\n")
        try tree.file(
            "etc/iscsi/ifaces/eth1",
            "# BEGIN RECORD 2.1.8\niface.iscsi_ifacename = eth1\niface.net_ifacename = eth1\niface.ipaddress = 10.0.0.2\n"
                + "iface.hwaddress = 52:54:00:00:00:01\niface.transport_name = tcp\niface.initiatorname = <empty>\niface.vlan_id = 0\n")
        try tree.file("etc/iscsi/ifaces/broken", "no record at all\n")
        try tree.file("etc/iscsi/ifaces/long", "iface.iscsi_ifacename = long\niface.hwaddress = \(String(repeating: "0", count: 3000))\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(
            inventory.initiators[0].interfaces == [
                Inventory.ISCSIInterface(
                    name: "eth1", transport: "tcp", networkInterface: "eth1", hardwareAddress: "52:54:00:00:00:01", address: "10.0.0.2"),
                Inventory.ISCSIInterface(name: "long"),
            ])
        #expect(inventory.problems.map(\.path) == ["/etc/iscsi/ifaces/broken", "/etc/iscsi/ifaces/long"])
        // What the root helper tells is taken by its reader.
        let told = PrivilegedFacts.read(try Tree(sysroot: tree.root))
        #expect(try PrivilegedFacts(json: JSONFields(JSONValue.parse(told.jsonBytes))) == told)
    }

    @Test func anOffloadAdapterSaysItsOwnNetworkPort() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.attributes(
            "sys/class/iscsi_host/host8",
            [
                "initiatorname": "iqn.2000-04.com.qlogic:qla4xxx", "hwaddress": "00:0e:1e:00:00:01", "ipaddress": "10.1.0.1",
                "netdev": "(null)", "port_state": "Link Up", "port_speed": "10 Gbps",
            ])
        try tree.attributes("sys/class/scsi_host/host8", ["proc_name": "qla4xxx"])
        let adapter = try #require(try HostReader(sysroot: tree.root).inventory().initiators.first { $0.name == "host8" })
        #expect(adapter.hardwareAddress == "00:0e:1e:00:00:01" && adapter.address == "10.1.0.1" && adapter.networkInterface == nil)
        #expect(adapter.portState == "Link Up" && adapter.speed == "10 Gbps" && adapter.driver == "qla4xxx")
    }

    @Test func aNamespaceHasItsPathsByANAState() throws {
        let tree = try SampleHost.nvmeMultipath.build()
        for (controller, state) in [(0, "non-optimized"), (1, "optimized")] {
            let base = "sys/devices/virtual/nvme-fabrics/ctl/nvme\(controller)"
            try tree.file("\(base)/nvme0c\(controller)n1/ana_state", state + "\n")
            try tree.attributes(base, ["cntlid": "\(controller + 1)", "cntrltype": "io"])
        }
        let subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0"
        try tree.file("\(subsystem)/iopolicy", "round-robin\n")
        try tree.link("sys/class/nvme-subsystem/nvme-subsys0", toPath: subsystem)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        #expect(inventory.controllers.map(\.name) == ["nvme0", "nvme1", "nvme2"])
        let controller = inventory.controllers[1]
        #expect(controller.subsystem == "nvme-subsys0" && controller.ioPolicy == "round-robin" && controller.controllerID == 2)
        #expect(controller.address == "traddr=10.0.0.1,trsvcid=4420" && controller.state == "live" && controller.hostNQN != nil)
        #expect(inventory.controllers[2].hostNQN == nil && inventory.controllers[2].transport == "pcie")
        let namespace = try #require(inventory.blockDevices.first { $0.name == "nvme0n1" })
        #expect(
            namespace.pathGroups.map { $0.paths } == [
                [.init(device: "nvme0c1n1", state: "live", accessState: "optimized", controller: "nvme1")],
                [.init(device: "nvme0c0n1", state: "live", accessState: "non-optimized", controller: "nvme0")],
            ])
        #expect(namespace.logicalUnit?.initiator == controller.hostNQN.map(InitiatorName.nqn))
    }

    @Test(
        arguments: [
            ("nvme0c1n2", "nvme0n2"), ("nvme10c20n30", "nvme10n30"), ("nvme0n1", nil), ("nvme0c1n", nil), ("nvme0c1n1p1", nil),
            ("nvmec1n1", nil),
            ("sda", nil), ("nvme", nil),
        ] as [(String, String?)])
    func aPathsNameSaysItsNamespace(name: String, namespace: String?) { #expect(ControllerReader.namespace(ofPath: name) == namespace) }

    @Test func aSASDiskSaysThePortItIsBehind() throws {
        let tree = try TreeBuilder()
        let base = "sys/devices/pci0000:00/0000:00:05.0/host4"
        try tree.directory("sys/class/sas_host/host4")
        try tree.attributes("sys/class/sas_device/end_device-4:0", ["sas_address": "0x5000c50001234567"])
        try tree.scsiDisk(
            "sda", number: "8:0", unit: "\(base)/port-4:0/end_device-4:0/target4:0:0/4:0:0:0", sectors: 1_000, wwid: "naa.5000c50001234566",
            serial: nil)
        let disk = try #require(try HostReader(sysroot: tree.root).inventory().blockDevices.first)
        #expect(disk.transport == "sas" && disk.sasAddress == WWN("50:00:c5:00:01:23:45:67"))
    }
}
