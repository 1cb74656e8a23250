import Identifiers
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

    /// A container host's lines name their layers: 24 MB of them.
    /// Each mount walking each path would take some minutes: three hundred million steps.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func thirtyThousandMountsOnAMapOfTenThousandPathsAreTiedToItsUnit(withLoop: Bool) throws {
        let wwid = "naa.60060160123456780000000000000001"
        var devices = (0..<10_000).map { index in
            var path = Inventory.BlockDevice(name: "sd\(index)", kind: "disk")
            path.wwid = WWID(wwid)
            return path
        }
        var map = Inventory.BlockDevice(name: "dm-0", kind: "multipath")
        (map.deviceNumber, map.parents, map.wwid) = (DeviceNumber(major: 253, minor: 0), devices.map(\.name), WWID(wwid))
        devices.append(map)
        if withLoop {
            var loop = Inventory.BlockDevice(name: "loop0", kind: "loop")
            loop.backingFile = "/m1/file"
            devices.append(loop)
        }
        let tree = try SampleHost.stacked.build()
        try tree.file(
            "proc/self/mountinfo", (0..<30_000).map { "25 1 253:0 / /m\($0) rw - ext4 /dev/mapper/m rw" }.joined(separator: "\n"))
        var reader = FileSystemReader(reader: FactReader(tree: try Tree(sysroot: tree.root)), blockDevices: devices)
        let found = reader.all()
        #expect(found.count == 30_000)
        #expect(found.allSatisfy { $0.facts.wwids == [WWID(wwid)] })
    }

    @Test func aTableOfManyLongLinesIsReadWhole() throws {
        let tree = try SampleHost.stacked.build()
        var lines = ["60 1 253:0 / / rw - ext4 /dev/mapper/secret rw"]
        let layers = (0..<20).map { "/var/lib/containers/overlay/l/\($0)abcdefgh" }.joined(separator: ":")
        for index in 0..<30_000 {
            switch index % 3 {
            case 0: lines.append("\(index + 70) 60 0:70 / /c/\(index) rw - overlay overlay rw,lowerdir=\(layers),upperdir=/up/\(index)")
            case 1: lines.append("\(index + 70) 60 0:71 / /n/\(index) rw - nfs4 server:/\(index) rw,\(layers)")
            default: lines.append("\(index + 70) 60 253:0 / /n/\(index - 1)/e rw - ext4 /dev/mapper/secret rw,\(layers)")
            }
        }
        try tree.file("proc/self/mountinfo", lines.joined(separator: "\n") + "\n")
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.problems.isEmpty)
        #expect(inventory.fileSystems.count == 30_001)
        #expect(inventory.fileSystems.allSatisfy { $0.type == "nfs4" || $0.devices == ["dm-0"] })
    }

    @Test func aLineThatIsTooLongLosesNoOthers() throws {
        let tree = try SampleHost.stacked.build()
        let first = "60 1 253:0 / / rw - ext4 /dev/mapper/secret rw\n"
        let last = "61 60 253:0 / /last rw - ext4 /dev/mapper/secret rw\n"
        try tree.file("proc/self/mountinfo", first + String(repeating: "x", count: 3 << 20) + "\n" + last)
        let inventory = try HostReader(sysroot: tree.root).inventory()
        #expect(inventory.fileSystems.map(\.mountPoint) == ["/", "/last"])
        #expect(inventory.problems.map(\.reason) == ["malformed: a line is longer than 1048576 bytes and is not told"])
    }

    @Test func partsAreDoneOnceEachAndInOrder() {
        #expect(Workers.map(parts: 7) { $0 * 2 } == [0, 2, 4, 6, 8, 10, 12])
        #expect(Workers.map(parts: 0) { $0 }.isEmpty)
        #expect(Workers.parts(for: 999, least: 1000) == 1)
    }
}
