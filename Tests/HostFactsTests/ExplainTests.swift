import Glibc
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
        try expect(.nvmeMultipath, "controllers", ["address": "nvme1/address"])
        try expect(.nvmeMultipath, "nvme0n1", ["wwid": "nvme0n1/wwid", "pathGroups": "nvme1/nvme0c1n1/ana_state"])
    }

    @Test func placesAndFieldsAreExplained() throws {
        try expect(.stacked, "/home", ["devices": "proc/self/mountinfo", "wwids": "/wwid"])
        try expect(.fibreChannelMultipath, "[SWAP]", ["devices": "proc/swaps"])
        try expect(.fibreChannelMultipath, "wwid", ["wwid": "6:0:0:0/wwid"])
        try expect(.fibreChannelMultipath, "portState", ["portState": "host7/port_state"])
        try expect(.stacked, "host", ["machineID": "etc/machine-id", "operatingSystem": "etc/os-release"])
        let tree = try SampleHost.stacked.build()
        let trace = Trace()
        let inventory = try HostReader(sysroot: tree.root).inventory(trace: trace)
        #expect(trace.steps(about: "nothing of the kind", in: inventory).isEmpty)
    }

    /// Each path of a map has rows of its own, from where it was read.
    @Test func thePartsOfListsAreExplainedEach() throws {
        let capture = try HostCapture("iscsi-multipath-lvm")
        let trace = Trace()
        let inventory = try HostReader(sysroot: capture.root).inventory(trace: trace)
        let map = try #require(inventory.blockDevices.first { $0.kind == "multipath" })
        let paths = map.pathGroups.flatMap(\.paths)
        let steps = trace.steps(about: map.name, in: inventory).map(\.step)
        func rows(_ field: String) -> [Trace.Step] { steps.filter { $0.field == field && $0.outcome.hasPrefix("gives ") } }
        #expect(paths.count > 1 && rows("device").map(\.outcome) == paths.map { "gives \($0.device)" })
        #expect(rows("device").allSatisfy { $0.path == "/run/quartermaster-capture/dmsetup-status" })
        for path in paths {
            let own = trace.steps[path.device]?.last { $0.field == "accessState" }
            let row = rows("accessState").first { $0.outcome.hasSuffix(" of \(path.device)") }
            #expect(row != nil && row?.path == own?.path && row?.path.hasSuffix("/access_state") == true)
        }
        #expect(steps.last { $0.field == "wwid" }?.path.hasSuffix("/dm/uuid") == true)
        let members = inventory.blockDevices.flatMap { $0.pathGroups.flatMap(\.paths) }
        #expect(trace.steps(about: "device", in: inventory).filter { $0.step.outcome.hasPrefix("gives ") }.count == members.count)

        let session = try #require(inventory.sessions.first { $0.portals.count == 1 })
        let own = trace.steps(about: session.name, in: inventory).map(\.step)
        #expect(own.last { $0.field == "address" }?.path.hasSuffix("/address") == true)
        #expect(own.last { $0.field == "port" }?.path.hasSuffix("/port") == true)
        #expect(own.last { $0.field == "target" }?.outcome == session.target?.description)
    }

    /// No row sends an administrator to a file that is not there, or shows him how the program keeps a value.
    @Test(arguments: HostCapture.names)
    func everyPlaceOfAnExplanationExists(name: String) throws {
        let capture = try HostCapture(name)
        let trace = Trace()
        let inventory = try HostReader(sysroot: capture.root).inventory(level: .applications, trace: trace)
        #expect(trace.steps.count > 3 && !inventory.blockDevices.isEmpty)
        for path in inventory.blockDevices.flatMap({ $0.pathGroups.flatMap(\.paths) }) {
            #expect(trace.steps(about: path.device, in: inventory).contains { $0.step.outcome.contains(path.device) }, "\(path.device)")
        }
        for (subject, steps) in trace.steps {
            for step in steps where step.outcome != "absent" {
                #expect(access("\(capture.root)\(step.path)", F_OK) == 0, "\(subject): \(step)")
                #expect(!step.outcome.contains("Optional(") && !step.outcome.contains("Inventory."), "\(subject): \(step)")
            }
        }
    }
}
