import Foundation
import HostFacts
import Inventory
import StrictJSON
import TestPrograms
import Testing

/// Hosts with real kernels, captured by `capture-host` in the lab (Tests/Golden/captures/README.md): exact JSON out, and agreement with what lsblk
/// said on the host itself. `QUARTERMASTER_UPDATE_GOLDEN=1 swift test --filter HostFactsTests` writes the JSON anew; read the difference before it is
/// committed.
@Suite struct CaptureTests {
    @Test func thereAreCaptures() { #expect(HostCapture.names.count >= 2) }

    @Test(arguments: HostCapture.names)
    func aCapturedHostGivesTheJSONOnRecord(name: String) throws {
        let capture = try HostCapture(name)
        let inventory = try HostReader(sysroot: capture.root).inventory(level: .applications)
        try GoldenTests.expect(inventory, onRecord: "captures/\(name).json")
    }

    @Test(arguments: HostCapture.names)
    func aCapturedHostReadsAsLsblkReadItThere(name: String) throws {
        let capture = try HostCapture(name)
        let words = try Data(contentsOf: URL(fileURLWithPath: "\(capture.root)/peers/lsblk.json"))
        let ours = LsblkView(try HostReader(sysroot: capture.root).inventory())
        let theirs = try LsblkView(json: words)
        #expect(!theirs.devices.isEmpty)
        #expect(Set(ours.devices.keys) == Set(theirs.devices.keys))
        for (name, device) in theirs.devices { #expect(ours.devices[name] == device, "\(name)") }
    }

    /// Field by field, by the table of Tests/Lab/compare-facts.
    @Test(arguments: HostCapture.names)
    func aCapturedHostReadsAsOtherProgramsReadItThere(name: String) throws {
        let capture = try HostCapture(name)
        let inventory = "\(capture.parent)/inventory.json"
        try Data(HostReader(sysroot: capture.root).inventory().jsonText.utf8).write(to: URL(fileURLWithPath: inventory))
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "Lab/compare-facts")
        let run = try ChildProcess.run("/usr/bin/python3", [program.path, inventory, "\(capture.root)/peers"])
        #expect(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
    }

    /// Each field that an inventory of a real host has can be asked about.
    @Test(arguments: HostCapture.names)
    func everyFieldIsExplained(name: String) throws {
        let capture = try HostCapture(name)
        let trace = Trace()
        let inventory = try HostReader(sysroot: capture.root).inventory(level: .applications, trace: trace)
        var fields: Set<String> = []
        func collect(_ value: JSONValue) {
            if let object = value.objectValue {
                for (key, value) in object.members where key != "problems" && key != "format" {
                    fields.insert(key)
                    collect(value)
                }
            }
            for part in value.arrayValue ?? [] { collect(part) }
        }
        collect(try JSONValue.parse(inventory.jsonBytes))
        #expect(fields.count > 20)
        let unexplained = fields.filter { trace.steps(about: $0, in: inventory).isEmpty }
        #expect(unexplained.isEmpty, "\(unexplained.sorted())")
    }

    /// A capture holds no password and no name of one: the lab's begin with `planted`.
    @Test(arguments: HostCapture.names)
    func aCaptureHoldsNoSecret(name: String) throws {
        let capture = try HostCapture(name)
        let found = try ChildProcess.run("/bin/grep", ["-rl", "planted", capture.root])
        #expect(found.status == 1, "\(String(decoding: found.output, as: UTF8.self))")
    }

    /// What is mounted may name a user, a password and a server.
    @Test func mountsGiveNothingAway() throws {
        let tree = try TreeBuilder()
        try tree.directory("sys")
        try tree.file("proc/stat", "btime 1\n")
        try tree.file("proc/sys/kernel/hostname", "db1\n")
        try tree.file(
            "proc/self/mountinfo",
            """
            22 1 8:1 / / rw - ext4 /dev/sda1 rw
            30 22 0:30 / /m/ftp rw - fuse curlftpfs#ftp://alice:planted1@planted@ftp.customer.example/ rw,user_id=0
            31 22 0:31 / /m/dav rw - davfs https://bob:planted2@dav.customer.example/dav rw
            32 22 0:32 / /m/cifs ro - cifs //files.customer.example/share ro,vers=3.1.1,username=carol,password=planted3,uid=0
            33 22 0:33 / /m/nfs rw - nfs4 [fd00::1]:/customer.example/a rw
            34 22 0:34 / /m/pan rw - panfs panfs://director.customer.example/x rw
            35 22 0:35 / /m/ssh rw - fuse.sshfs dave:planted4@host.customer.example:/y rw

            """)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        for (mode, words) in [([], ["planted"]), (["--anonymous"], ["planted", "customer", "alice", "carol", "fd00"])] {
            let output = "\(tree.root)/capture\(mode.count)"
            let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", tree.root] + mode + ["--output", output])
            try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
            let unpacked = try ChildProcess.run("/bin/tar", ["-C", tree.root, "-xJf", "\(output).tar.xz"])
            try #require(unpacked.status == 0)
            let table = try String(contentsOfFile: "\(output)/proc/self/mountinfo", encoding: .utf8)
            for word in words { #expect(!table.contains(word), "\(word) in \(table)") }
            let inventory = try HostReader(sysroot: output).inventory()
            #expect(
                inventory.fileSystems.count == 7
                    && inventory.fileSystems.allSatisfy { $0.mountPoint == "/" || $0.mountPoint.hasPrefix("/m/") })
        }
        // The agent tells no password either.
        let told = try HostReader(sysroot: tree.root).inventory()
        #expect(told.fileSystems.count == 7 && !told.jsonText.contains("planted"))
        #expect(told.fileSystems.contains { $0.source == "https://dav.customer.example/dav" })
    }

    /// What was taken out of an anonymous capture is nowhere in it, and what is left tells the same devices.
    @Test(arguments: ["fibre-channel", "iscsi-multipath-lvm", "nvme-and-nvme-tcp", "scsi-debug-alua", "sas"])
    func anAnonymousCaptureNamesNobody(name: String) throws {
        let capture = try HostCapture(name)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        let output = "\(capture.parent)/anonymous"
        let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", capture.root, "--anonymous", "--output", output])
        try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        let unpacked = try ChildProcess.run("/bin/tar", ["-C", capture.parent, "-xJf", "\(output).tar.xz"])
        try #require(unpacked.status == 0)

        let known = try HostReader(sysroot: capture.root).inventory()
        let anonymous = try HostReader(sysroot: output).inventory()
        #expect(anonymous.blockDevices.map(\.name) == known.blockDevices.map(\.name))
        #expect(anonymous.blockDevices.map(\.parents) == known.blockDevices.map(\.parents))
        #expect(anonymous.blockDevices.map { $0.wwid != nil } == known.blockDevices.map { $0.wwid != nil })
        #expect(anonymous.problems == known.problems)
        // Two paths to one unit still have one WWID, two units two.
        #expect(Set(anonymous.blockDevices.compactMap(\.wwid)).count == Set(known.blockDevices.compactMap(\.wwid)).count)

        var names = known.blockDevices.compactMap(\.serial).filter { $0.count > 4 }
        // The end of a WWID is the unit's own; of an NVMe one without a proper name, the part between the dashes is.
        names += known.blockDevices.compactMap { $0.wwid?.description }.map { wwid in
            wwid.hasPrefix("nvme.") ? String(wwid.split(separator: "-")[1]) : String(wwid.suffix(16))
        }.filter { !$0.hasPrefix("0000000000") }
        names += known.initiators.compactMap { $0.iqn?.description ?? $0.nqn?.description ?? $0.wwpn?.description }
        names += [known.host.machineID].compactMap(\.self)
        #expect(names.count > 3)
        for name in names {
            let found = try ChildProcess.run("/bin/grep", ["-raliF", "--", name, output])
            #expect(found.status == 1, "\(name): \(String(decoding: found.output, as: UTF8.self))")
        }
    }
}
