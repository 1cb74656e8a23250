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

    /// A capture holds no password and no name of one: the lab's begin with `planted`.
    @Test(arguments: HostCapture.names)
    func aCaptureHoldsNoSecret(name: String) throws {
        let capture = try HostCapture(name)
        let found = try ChildProcess.run("/bin/grep", ["-rl", "planted", capture.root])
        #expect(found.status == 1, "\(String(decoding: found.output, as: UTF8.self))")
    }
}
