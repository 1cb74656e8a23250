import Foundation
import HostFacts
import Inventory
import Synchronization
import Testing

/// Links of a tree lead inside it, whatever they say.
@Suite struct LinkTests {
    @Test func absoluteLinksLeadInsideTheTree() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("sys/dev/block/8:0")
        try tree.link("sys/dev/block/8:0", to: "/sys/devices/platform/host7/session1/target7:0:0/7:0:0:1/block/sda")
        try tree.remove("etc/os-release")
        try tree.link("etc/os-release", to: "/usr/lib/os-release")
        let whole = try SampleHost.iscsi.build()
        // Others write to the file system under the trees meanwhile.
        #expect(try HostReader(sysroot: tree.root).inventory().withoutUsage == HostReader(sysroot: whole.root).inventory().withoutUsage)
    }

    @Test func noLinkLeavesTheTree() throws {
        let tree = try SampleHost.iscsi.build()
        let secret = try TreeBuilder()
        try secret.file("secret", "stolen\n")
        let unit = "sys/devices/platform/host7/session1/target7:0:0/7:0:0:1"
        try tree.remove("\(unit)/model")
        try tree.link("\(unit)/model", to: "\(secret.root)/secret")
        try tree.remove("proc/sys/kernel/hostname")
        try tree.link("proc/sys/kernel/hostname", to: "\(String(repeating: "../", count: 20))\(secret.root)/secret")
        try tree.remove("sys/dev/block/8:16")
        try tree.link("sys/dev/block/8:16", to: "../../devices/../../../..\(secret.root)")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(!inventory.jsonText.contains("stolen"))
        #expect(inventory.blockDevices.map(\.name) == ["sda", "sda1"])
    }

    @Test func aLoopOfLinksIsAProblemAndNoLoop() throws {
        let tree = try SampleHost.iscsi.build()
        try tree.remove("etc/machine-id")
        try tree.link("etc/machine-id", to: "machine-id")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.host.machineID == nil)
        #expect(inventory.problems.map(\.field) == ["machineID"])
    }

    /// openat2(2) says EAGAIN for a path with `..` while anything on the machine is renamed.
    @Test func whatIsRenamedElsewhereMeanwhileHidesNothing() throws {
        let tree = try SampleHost.iscsi.build()
        let elsewhere = try TreeBuilder()
        try elsewhere.file("one", "")
        let names = ["\(elsewhere.root)/one", "\(elsewhere.root)/other"]
        let expected = try HostReader(sysroot: tree.root).inventory().withoutUsage
        let isDone = Mutex(false)
        let renaming = DispatchGroup()
        DispatchQueue.global().async(group: renaming) {
            while !isDone.withLock({ $0 }) {
                rename(names[0], names[1])
                rename(names[1], names[0])
            }
        }
        defer {
            isDone.withLock { $0 = true }
            renaming.wait()
        }
        for _ in 0..<200 {
            #expect(try HostReader(sysroot: tree.root).inventory().withoutUsage == expected)
        }
    }

    @Test(arguments: ["sys/dev", "sys/class/block"])
    func treesWithoutOneOfTheListingsReadTheSame(missing: String) throws {
        let tree = try SampleHost.iscsi.build()
        let whole = try HostReader(sysroot: tree.root).inventory()
        if missing == "sys/dev" { try tree.remove("sys/dev") }
        #expect(try HostReader(sysroot: tree.root).inventory() == whole)
    }
}

extension Inventory {
    /// Without what others change meanwhile.
    fileprivate var withoutUsage: Inventory {
        var inventory = self
        inventory.fileSystems = fileSystems.map(\.withoutUsage)
        return inventory
    }
}
