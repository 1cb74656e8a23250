import Identifiers
import StrictJSON
import Synchronization
import Testing

@testable import Inventory

/// What a host tells is what a reader takes, whatever names stand on the host, and costs no more than its length.
@Suite struct BoundsTests {
    private func facts(_ length: Int) -> Inventory {
        let text = String(repeating: "\u{FFFD}", count: length)
        var host = Inventory.Host()
        (host.hostName, host.machineID, host.kernel, host.architecture) = (text, text, text, text)
        var initiator = Inventory.Initiator(transport: .iscsi)
        (initiator.name, initiator.portState, initiator.portType, initiator.speed) = (text, text, text, text)
        (initiator.driver, initiator.symbolicName, initiator.nvmeHostID) = (text, text, text)
        var device = Inventory.BlockDevice(name: "dm-0", kind: text)
        (device.serial, device.vendor, device.model, device.revision) = (text, text, text, text)
        (device.transport, device.mapName, device.mapUUID, device.raidLevel) = (text, text, text, text)
        (device.backingFile, device.state, device.content, device.contentUUID) = (text, text, text, text)
        return Inventory(
            host: host, initiators: [initiator], blockDevices: [device, Inventory.BlockDevice(name: text, kind: "disk")],
            fileSystems: [
                Inventory.FileSystem(mountPoint: "/" + text, type: "ext4", source: "a"),
                Inventory.FileSystem(mountPoint: "/a", type: text, source: "a"),
                Inventory.FileSystem(mountPoint: "/b", type: "ext4", source: text),
                Inventory.FileSystem(mountPoint: "/c", type: "ext4", source: "a", root: text),
            ],
            applications: [
                Inventory.Application(name: "oracle", version: text, evidence: "package"),
                Inventory.Application(name: text, evidence: "package"), Inventory.Application(name: "db2", evidence: text),
            ],
            problems: [Inventory.Problem(path: text, field: text, reason: text)])
    }

    @Test(arguments: [1, 21, 22, 85, 86, 170, 171, 342, 1_365, 1_366, 5_000])
    func whatIsTooLongIsLeftOutAndTold(length: Int) throws {
        let inventory = facts(length).withinBounds()
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory)
        #expect(inventory.fileSystems.contains { $0.mountPoint == "/c" })
        if length == 1 { #expect(inventory == facts(length)) }
        if length == 5_000 {
            // A source hides no file system, whatever it is.
            #expect(inventory.fileSystems.map(\.mountPoint) == ["/b", "/c"] && inventory.blockDevices.map(\.kind) == ["dm"])
            #expect(inventory.fileSystems.first?.source.hasSuffix("\u{FFFD}…") == true)
            #expect(inventory.problems.contains { $0.path == "/b" && $0.field == "source" })
            #expect(inventory.applications == [Inventory.Application(name: "oracle", evidence: "package")])
            #expect(inventory.problems.contains { $0.field == "mountPoint" && $0.reason == "malformed: longer than 4096 bytes" })
            #expect(inventory.problems.contains { $0.field == "hostName" })
        }
    }

    @Test func aListOfEqualKeysIsSortedWithOneLookAtEachEntry() {
        let written = Mutex(0)
        let entries = (0..<500).map { Counted(number: ($0 * 337) % 500, written: { written.withLock { $0 += 1 } }) }
        #expect(entries.sortedByKey().map(\.number) == (0..<500).map { $0 })
        #expect(written.withLock { $0 } == 500)
    }

    /// Every one has the same key, and says when its bytes are asked for.
    private struct Counted: InventoryEntry {
        let number: Int
        let written: @Sendable () -> Void
        var key: String { "key" }

        init(number: Int, written: @escaping @Sendable () -> Void) {
            self.number = number
            self.written = written
        }

        init(json: JSONFields) throws(JSONError) { self.init(number: Int(try json.integer("number")), written: {}) }

        func write(to writer: inout JSONWriter) {
            written()
            writer.object { $0.member("number", Int64(1_000 + number)) }
        }

        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
        func hash(into hasher: inout Hasher) { hasher.combine(number) }
    }
}
