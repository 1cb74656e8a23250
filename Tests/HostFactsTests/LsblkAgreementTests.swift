import Foundation
import HostFacts
import Inventory
import Testing

/// Names, numbers, sizes, types, parents and mount points are lsblk's, on every tree that it reads.
@Suite(.enabled(if: LsblkView.program != nil || ProcessInfo.processInfo.environment["CI"] != nil, "needs lsblk (util-linux)"))
struct LsblkAgreementTests {
    private static let captures = ProcessInfo.processInfo.environment["QUARTERMASTER_HOST_CAPTURES"]

    @Test(arguments: SampleHost.allCases)
    func aMadeTreeReadsAsLsblkReadsIt(sample: SampleHost) throws {
        let tree = try sample.build()
        var ours = LsblkView(try HostReader(sysroot: tree.root).inventory())
        let theirs = try LsblkView(sysroot: tree.root)
        // lsblk finds the swap area on a map by the running machine's own /dev/dm-N, and so never in another root.
        for name in ours.devices.keys where name.hasPrefix("dm-") { ours.devices[name]?.mountPoints.remove("[SWAP]") }
        #expect(!theirs.devices.isEmpty)
        expectEqual(ours, theirs)
    }

    /// QUARTERMASTER_HOST_CAPTURES names a directory of captured roots, or of one.
    @Test(.enabled(if: captures != nil, "by design: QUARTERMASTER_HOST_CAPTURES names captured trees"))
    func capturedTreesReadAsLsblkReadsThem() throws {
        let directory = try #require(Self.captures)
        let entries = try FileManager.default.contentsOfDirectory(atPath: directory).map { "\(directory)/\($0)" } + [directory]
        let captures = entries.filter { FileManager.default.fileExists(atPath: "\($0)/sys/block") }
        #expect(!captures.isEmpty, "no captures below \(directory)")
        for capture in captures { expectEqual(LsblkView(try HostReader(sysroot: capture).inventory()), try LsblkView(sysroot: capture)) }
    }

    @Test func thisMachineReadsAsLsblkReadsIt() throws {
        // Devices may come and go meanwhile: both have to agree once.
        for attempt in 1...5 {
            let ours = LsblkView(try HostReader(mounts: .own).inventory())
            let theirs = try LsblkView(sysroot: nil)
            if ours == theirs { return }
            if attempt == 5 { expectEqual(ours, theirs) }
        }
    }

    private func expectEqual(_ ours: LsblkView, _ theirs: LsblkView, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Set(ours.devices.keys) == Set(theirs.devices.keys), sourceLocation: sourceLocation)
        for (name, device) in theirs.devices { #expect(ours.devices[name] == device, "\(name)", sourceLocation: sourceLocation) }
    }
}
