import Identifiers
import Inventory
import StrictJSON
import Testing

@Suite struct DifferenceTests {
    private static func inventory(_ change: (inout Inventory) -> Void = { _ in }) -> Inventory {
        var disk = Inventory.BlockDevice(name: "sda", kind: "disk", deviceNumber: DeviceNumber(major: 8, minor: 0), sizeBytes: 1 << 30)
        disk.wwid = WWID("naa.60000000000000000e00000000010001")
        disk.logicalUnit = Inventory.LogicalUnit(lun: 1, targetPort: InitiatorName("iqn.2026-01.net.example:t"), initiator: nil)
        disk.scsiAddress = SCSIAddress("6:0:0:1")
        var inventory = Inventory(
            host: Inventory.Host(hostName: "a", machineID: "0123456789abcdef0123456789abcdef", bootTime: Timestamp(seconds: 1_700_000_000)),
            initiators: [
                Inventory.Initiator(transport: .iscsi, iqn: ISCSIName("iqn.2026-01.net.example:h")),
                Inventory.Initiator(transport: .fc, name: "host6", wwpn: WWN(0x5006_0160_3BA0_1234)),
            ], blockDevices: [disk, Inventory.BlockDevice(name: "sda1", kind: "partition", parents: ["sda"])],
            fileSystems: [
                Inventory.FileSystem(
                    mountPoint: "/", type: "ext4", source: "/dev/sda1", devices: ["sda1"], sizeBytes: 100, availableBytes: 50, inodes: 9)
            ], applications: [Inventory.Application(name: "postgresql", version: "15", evidence: "package postgresql-15")],
            problems: [Inventory.Problem(path: "/sys/x", field: "wwid", reason: "unreadable")])
        change(&inventory)
        return inventory
    }

    static let changes: [@Sendable (inout Inventory) -> Void] = [
        { $0.host.hostName = "b" }, { $0.initiators = [] }, { $0.initiators[0].portState = "Linkdown" },
        { $0.blockDevices[0].sizeBytes = 2 << 30 }, { $0.blockDevices.append(Inventory.BlockDevice(name: "sdb", kind: "disk")) },
        { $0.blockDevices.removeLast() }, { $0.fileSystems[0].sizeBytes = 200 }, { $0.fileSystems[0].readOnly = true },
        { $0.applications = [] }, { $0.problems[0].reason = "malformed" },
        { inventory in
            inventory.blockDevices[1].name = "sda2"
            inventory.host.kernel = "7"
            inventory.problems = []
        },
    ]

    @Test(arguments: changes.indices)
    func aDifferenceMakesTheSecondOfTheFirst(index: Int) throws {
        let old = Self.inventory()
        let new = Self.inventory(Self.changes[index])
        let difference = try #require(InventoryDifference(from: old, to: new))
        #expect(!difference.isEmpty)
        let carried = try InventoryDifference(json: JSONFields(JSONValue.parse(difference.jsonBytes)))
        #expect(carried == difference)
        #expect(try carried.applied(to: old, digest: old.digest, isPartial: false).withoutUsage == new.withoutUsage)
        #expect(throws: InventoryError.otherBase(expected: old.digest, found: new.digest)) {
            try carried.applied(to: new, digest: new.digest, isPartial: false)
        }
    }

    @Test func freeSpaceIsNoChange() throws {
        let old = Self.inventory()
        let new = Self.inventory { $0.fileSystems[0].availableBytes = 1 }
        #expect(old.digest == new.digest && old != new)
        #expect(try #require(InventoryDifference(from: old, to: new)).isEmpty)
    }

    @Test func theOrderOfListsIsNoChange() {
        let old = Self.inventory()
        let new = Inventory(
            host: old.host, initiators: old.initiators.reversed(), blockDevices: old.blockDevices.reversed(), fileSystems: old.fileSystems,
            applications: old.applications, problems: old.problems)
        #expect(old.jsonBytes == new.jsonBytes)
    }

    @Test func entriesOfOneKeyAreSentWhole() {
        let old = Self.inventory()
        let new = Self.inventory { $0.blockDevices.append($0.blockDevices[0]) }
        #expect(InventoryDifference(from: old, to: new) == nil)
    }

    @Test func aDifferenceThatDoesNotFitIsRefused() throws {
        let old = Self.inventory()
        let new = Self.inventory { $0.blockDevices.removeLast() }
        let text = try #require(InventoryDifference(from: old, to: new)).jsonText
        func applied(_ text: String) throws -> Inventory {
            try InventoryDifference(json: JSONFields(JSONValue.parse(text))).applied(to: old, digest: old.digest, isPartial: false)
        }
        #expect(throws: InventoryError.noSuchEntry(list: "blockDevices", key: "sdz")) {
            try applied(text.replacing("\"removed\":[\"sda1\"]", with: "\"removed\":[\"sdz\"]"))
        }
        #expect(throws: InventoryError.entryExists(list: "blockDevices", key: "sda")) {
            try applied(text.replacing("\"removed\":[\"sda1\"]", with: "\"added\":[{\"name\":\"sda\",\"kind\":\"disk\"}]"))
        }
        #expect(throws: InventoryError.otherResult(expected: new.digest, found: Self.inventory { $0.blockDevices.removeFirst() }.digest)) {
            try applied(text.replacing("\"removed\":[\"sda1\"]", with: "\"removed\":[\"sda\"]"))
        }
    }
}
