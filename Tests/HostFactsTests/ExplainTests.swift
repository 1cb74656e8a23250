import HostFacts
import Inventory
import Testing

@Suite struct ExplainTests {
    /// For each thing and each name of it, the fields that a trace has to have, with the end of a path that each was read from.
    private func expect(
        _ sample: SampleHost, _ name: String, _ fields: KeyValuePairs<String, String>, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let tree = try sample.build()
        let trace = Trace()
        let inventory = try HostReader(sysroot: tree.root).inventory(trace: trace)
        let found = trace.steps(about: name, in: inventory)
        for (field, path) in fields {
            #expect(
                found.contains { $0.step.field == field && $0.step.path.hasSuffix(path) }, "\(name): \(field) from \(path)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func aDiskIsExplainedByAnyOfItsNames() throws {
        for name in ["sdb", "/dev/sdb", "naa.60060160123456780000000000000000", "0x60060160123456780000000000000000"] {
            try expect(
                .fibreChannelMultipath, name,
                [
                    "deviceNumber": "sys/dev/block/8:16", "wwid": "6:0:0:0/wwid", "serial": "6:0:0:0/vpd_pg80", "sizeBytes": "sdb/size",
                    "targetPort": "rport-6:0-0/port_name", "initiator": "fc_host/host6/port_name", "content": "run/udev/data/b8:16",
                ])
        }
    }

    @Test func aMapIsExplainedByItsNameAndItsPaths() throws {
        for name in ["mpatha", "dm-0", "/dev/mapper/mpatha"] {
            try expect(.fibreChannelMultipath, name, ["mapName": "dm/name", "mapUUID": "dm/uuid", "parents": "dm-0/slaves"])
        }
        try expect(.fibreChannelMultipath, "/dev/vg0/data", ["mapName": "dm-3/dm/name", "contentUUID": "run/udev/data/b253:3"])
    }

    @Test func portsSessionsAndControllersAreExplained() throws {
        try expect(.fibreChannelMultipath, "host6", ["wwpn": "host6/port_name", "speed": "host6/speed", "driver": "host6/proc_name"])
        try expect(.fibreChannelMultipath, "10:00:00:90:fa:53:bd:26", ["wwpn": "host6/port_name"])
        try expect(.fibreChannelMultipath, "50:06:01:60:3b:a0:12:30", ["portState": "rport-6:0-0/port_state"])
        try expect(.iscsi, "session1", ["target": "session1/targetname", "authentication": "session1/username", "host": "session1"])
        try expect(.iscsi, "iqn.2026-01.net.example:array1", ["target": "session1/targetname"])
        try expect(.iscsi, "iqn.1993-08.org.debian:01:5a3c1e", ["iqn": "etc/iscsi/initiatorname.iscsi"])
        try expect(.nvmeMultipath, "nvme1", ["address": "nvme1/address", "hostNQN": "nvme1/hostnqn"])
        try expect(.nvmeMultipath, "nvme0n1", ["wwid": "nvme0n1/wwid", "pathGroups": "nvme1/nvme0c1n1/ana_state"])
    }

    @Test func placesAndFieldsAreExplained() throws {
        try expect(.stacked, "/home", ["devices": "proc/self/mountinfo", "wwids": "sys/dev/block"])
        try expect(.fibreChannelMultipath, "[SWAP]", ["devices": "proc/swaps"])
        try expect(.fibreChannelMultipath, "wwid", ["wwid": "6:0:0:0/wwid"])
        try expect(.fibreChannelMultipath, "portState", ["portState": "host7/port_state"])
        try expect(.stacked, "host", ["machineID": "etc/machine-id", "operatingSystem": "etc/os-release"])
        let tree = try SampleHost.stacked.build()
        let trace = Trace()
        let inventory = try HostReader(sysroot: tree.root).inventory(trace: trace)
        #expect(trace.steps(about: "nothing of the kind", in: inventory).isEmpty)
    }
}
