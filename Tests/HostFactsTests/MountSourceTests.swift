import Foundation
import HostFacts
import Inventory
import TestPrograms
import Testing

@Suite struct MountSourceTests {
    @Test(arguments: HostileSources.all)
    func aSourceIsToldWithoutItsSecret(entry: HostileSources.Entry) {
        #expect(MountSource.told(entry.source, type: entry.type) == entry.told)
    }

    private func tree() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        try tree.directory("sys")
        try tree.file("proc/stat", "btime 1\n")
        try tree.file("proc/sys/kernel/hostname", "db1\n")
        let own = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + HostileSources.mountinfo
        try tree.file("proc/self/mountinfo", own)
        try tree.file("proc/1/mountinfo", own)
        try tree.link("proc/1/ns/mnt", to: "mnt:[1]")
        try tree.link("proc/7/ns/mnt", to: "mnt:[7]")
        try tree.link("proc/7/exe", to: "/home/db1.lan.example/bin/postgres")
        try tree.file("proc/7/comm", "postgres\n")
        try tree.file("proc/7/cmdline", "postgres\0-D\0/m/1/x\0")
        try tree.file("proc/7/mountinfo", HostileSources.mountinfo.replacingOccurrences(of: " 0:", with: " 1:"))
        return tree
    }

    /// Neither what is sent, nor what an explanation prints.
    @Test func theAgentTellsNoSecretOfAMount() throws {
        let tree = try tree()
        let trace = Trace()
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications, trace: trace)
        for (index, entry) in HostileSources.all.enumerated() where entry.type != "overlay" {
            #expect(inventory.fileSystems.first { $0.mountPoint == "/m/\(index)" }?.source == entry.told, "\(entry)")
        }
        #expect(!inventory.jsonText.contains(HostileSources.secret))
        let outcomes = trace.steps.values.joined()
        #expect(outcomes.contains { $0.field == "directories" && $0.outcome.contains("in namespace") })
        for step in outcomes { #expect(!step.outcome.contains(HostileSources.secret), "\(step)") }
    }

    /// With names or without; and the capture tells what the agent tells of the host itself.
    @Test(arguments: [[], ["--anonymous"]])
    func aCaptureHoldsNoSecretOfAMount(mode: [String]) throws {
        let tree = try tree()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("capture-host").path
        let output = "\(tree.root)/capture"
        // What a module writes of its own may hold a secret too; a file system on a device has none.
        let table = HostileSources.all.filter { $0.type != "overlay" && $0.type != "fuseblk" }
        try tree.file(
            "proc/mounts", table.map { "\(HostileSources.escaped($0.source)) /m \($0.type) rw,bearer=S3cretPW,S3cretPW2,ro 0 0\n" }.joined()
        )
        let run = try ChildProcess.run("/bin/bash", [script, "--sysroot", tree.root, "--output", output] + mode)
        try #require(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        let unpacked = try ChildProcess.run("/bin/tar", ["-C", tree.root, "-xJf", "\(output).tar.xz"])
        try #require(unpacked.status == 0)
        let found = try ChildProcess.run("/bin/grep", ["-rF", HostileSources.secret, output])
        #expect(found.status == 1, "\(String(decoding: found.output, as: UTF8.self))")
        #expect(FileManager.default.fileExists(atPath: "\(output)/proc/7/mountinfo"))
        if mode.isEmpty {
            let captured = try HostReader(sysroot: output).inventory().fileSystems
            #expect(captured == (try HostReader(sysroot: tree.root).inventory().fileSystems))
            let mounts = try String(contentsOfFile: "\(output)/proc/mounts", encoding: .utf8).split(separator: "\n")
            #expect(mounts.count == table.count && mounts.allSatisfy { $0.hasSuffix(" rw,bearer=(withheld),ro 0 0") })
        } else {
            let names = try ChildProcess.run("/bin/grep", ["-rE", "example|alice|carol", output])
            #expect(names.status == 1, "\(String(decoding: names.output, as: UTF8.self))")
        }
    }
}
