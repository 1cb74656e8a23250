import Inventory
import Testing

@testable import HostFacts

/// What is read in several parts is what is read in one.
@Suite struct LargeTreeTests {
    @Test func manyDevicesAreReadInOrderAndOnce() throws {
        let tree = try TreeBuilder()
        for index in 0..<2200 {
            let path = "sys/devices/virtual/block/dm-\(index)"
            try tree.attributes(path, ["size": "\(index + 1)", "ro": "0"])
            try tree.attributes("\(path)/dm", ["name": "map\(index)", "uuid": "LVM-\(index)", "suspended": index == 2100 ? "x" : "0"])
            try tree.link("sys/dev/block/253:\(index)", toPath: path)
        }
        let reader = try HostReader(sysroot: tree.root)
        let inventory = reader.inventory()
        #expect(inventory.blockDevices.map(\.name) == (0..<2200).map { "dm-\($0)" }.sorted())
        #expect(inventory.blockDevices.allSatisfy { $0.sizeBytes == (Int64($0.name.dropFirst(3)) ?? 0) * 512 + 512 })
        #expect(inventory.problems.map(\.field) == ["state"])
        #expect(reader.inventory(trace: Trace()) == inventory)
    }

    @Test func partsAreDoneOnceEachAndInOrder() {
        #expect(Workers.map(parts: 7) { $0 * 2 } == [0, 2, 4, 6, 8, 10, 12])
        #expect(Workers.map(parts: 0) { $0 }.isEmpty)
        #expect(Workers.parts(for: 999, least: 1000) == 1)
    }
}
