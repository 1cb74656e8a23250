import Identifiers
import StrictJSON
import Testing

@testable import Inventory

/// The lists of remote ports, sessions and controllers, and what else stands on several levels of JSON.
@Suite struct TransportListTests {
    private func inventory() -> Inventory {
        var initiator = Inventory.Initiator(transport: .iscsi, iqn: ISCSIName("iqn.2026-01.net.example:h"))
        initiator.interfaces = [
            Inventory.ISCSIInterface(name: "eth1", transport: "tcp", initiatorName: ISCSIName("iqn.2026-01.net.example:i"))
        ]
        (initiator.model, initiator.firmware, initiator.driverVersion, initiator.portID) = ("m", "f", "v", "0x1")
        (initiator.supportedSpeeds, initiator.hardwareAddress, initiator.address, initiator.networkInterface) = ("s", "h", "a", "n")
        var map = Inventory.BlockDevice(name: "dm-0", kind: "multipath", parents: ["sda", "sdb"])
        map.pathGroups = [
            .init(
                state: "active",
                paths: [.init(device: "sda", state: "active", accessState: "optimized", preferred: true, controller: "nvme0")]),
            .init(paths: [.init(device: "sdb")]),
        ]
        map.wwid = WWID("naa.60060160123456780000000000000000")
        (map.volumeGroup, map.logicalVolume, map.volumeLayer, map.encryption) = ("vg", "lv", "tpool", "LUKS2")
        (map.targetType, map.targetState, map.accessState, map.preferredPath) = ("thin-pool", "rw", "active/optimized", false)
        (map.contentLabel, map.sasAddress) = ("label", WWN("50:00:c5:00:01:23:45:67"))
        map.array = .init(raidDisks: 2, degraded: 1, syncAction: "recover", members: [.init(device: "sda", state: "in_sync", slot: 0)])
        map.logicalUnit = .init(lun: 1, remotePort: "rport-6:0-1", session: "session1")
        var controller = Inventory.Controller(
            name: "nvme0", transport: "tcp", subsystemNQN: NQN("nqn.2026-01.net.example:a"), hostNQN: NQN("nqn.2026-01.net.example:h"))
        (controller.subsystem, controller.address, controller.state, controller.hostID) = ("nvme-subsys0", "traddr=a", "live", "id")
        (controller.controllerID, controller.type, controller.model, controller.serial) = (1, "io", "m", "s")
        (controller.firmware, controller.ioPolicy) = ("f", "numa")
        return Inventory(
            host: Inventory.Host(), initiators: [initiator], blockDevices: [map],
            fileSystems: [
                Inventory.FileSystem(
                    mountPoint: "/", type: "xfs", source: "/dev/dm-0", uuid: "u", wwids: [map.wwid].compactMap { $0 }, state: "ONLINE",
                    process: "p")
            ],
            remotePorts: [
                .init(
                    name: "rport-6:0-1", host: "host6", initiator: WWN("0x10000090fa53bd26"), wwpn: WWN("0x500601603ba01230"),
                    wwnn: WWN("0x500601603ba01231"), portID: "0x1", roles: "FCP Target", portState: "Online", scsiTarget: 0)
            ],
            sessions: [
                .init(
                    name: "session1", host: "host7", target: ISCSIName("iqn.2026-01.net.example:t"),
                    initiator: ISCSIName("iqn.2026-01.net.example:h"), targetPortalGroupTag: 1, state: "LOGGED_IN",
                    authentication: .mutualCHAP, interface: "default", portals: [.init(address: "10.0.0.1", port: 3260, state: "up")])
            ],
            controllers: [controller])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let inventory = inventory()
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory)
        #expect(inventory.withinBounds() == inventory)
        #expect(inventory.jsonText.contains("\"authentication\":\"mutual-chap\""))
    }

    @Test func theMountsOfProcessesAreOfTheFourthLevel() {
        #expect(inventory().limited(to: .applications).fileSystems.count == 1)
        #expect(inventory().limited(to: .storage).fileSystems.isEmpty)
    }

    @Test func theListsAreOfTheThirdLevel() {
        let limited = inventory().limited(to: .hostAndInitiators)
        #expect(limited.remotePorts.isEmpty && limited.sessions.isEmpty && limited.controllers.isEmpty && limited.initiators.count == 1)
    }

    @Test func differencesCarryTheLists() throws {
        let new = inventory()
        var old = new
        old.remotePorts = []
        old.sessions[0].state = "FAILED"
        old.controllers[0] = Inventory.Controller(name: "nvme9")
        let difference = try #require(InventoryDifference(from: old, to: new))
        #expect(difference.remotePorts.added.count == 1 && difference.sessions.changed.count == 1)
        #expect(difference.controllers.added.count == 1 && difference.controllers.removed == ["nvme9"])
        let sent = try InventoryDifference(json: JSONFields(JSONValue.parse(difference.jsonBytes)))
        #expect(try sent.applied(to: old, digest: old.digest, isPartial: false) == new)
    }

    @Test func factsFromBeforeTheListsKeepTheirDigest() throws {
        let text =
            "{\"format\":\"quartermaster-inventory/1\",\"host\":{},\"initiators\":[],\"blockDevices\":[],\"fileSystems\":[],"
            + "\"applications\":[],\"problems\":[]}"
        let old = try Inventory(json: JSONFields(JSONValue.parse(text)))
        #expect(old.digest == InventoryDigest(of: Array(text.utf8)))
        let digest = old.digest.description
        let difference = try InventoryDifference(json: JSONFields(JSONValue.parse("{\"from\":\"\(digest)\",\"to\":\"\(digest)\"}")))
        #expect(try difference.applied(to: old, digest: old.digest, isPartial: false) == old)
    }

    @Test(arguments: [
        ("\"sessions\":[{\"name\":\"s\"}]", JSONError.missing(path: "sessions[0].authentication")),
        (
            "\"sessions\":[{\"name\":\"s\",\"authentication\":\"kerberos\"}]",
            .wrongType(path: "sessions[0].authentication", expected: "none, chap, mutual-chap or unknown")
        ),
        (
            "\"sessions\":[{\"name\":\"s\",\"authentication\":\"none\",\"portals\":[{\"address\":\"a\",\"port\":70000}]}]",
            .invalid(path: "sessions[0].portals[0].port", reason: "is not within 0 to 65535")
        ),
        ("\"remotePorts\":[{}]", .missing(path: "remotePorts[0].name")),
        ("\"controllers\":[{\"name\":1}]", .wrongType(path: "controllers[0].name", expected: "a string")),
        (
            "\"fileSystems\":[{\"mountPoint\":\"/\",\"type\":\"a\",\"source\":\"b\",\"wwids\":[\"\"]}]",
            .wrongType(path: "fileSystems[0].wwids", expected: "an array of WWIDs")
        ),
    ])
    func entriesAreHeldToTheirForm(member: String, error: JSONError) {
        #expect(throws: error) {
            try Inventory(json: JSONFields(JSONValue.parse("{\"format\":\"quartermaster-inventory/1\",\"host\":{},\(member)}")))
        }
    }

    @Test func whatIsTooLongIsLeftOutOfTheListsToo() throws {
        var facts = inventory()
        let text = String(repeating: "x", count: 5_000)
        facts.remotePorts[0].roles = text
        facts.remotePorts.append(.init(name: text))
        facts.sessions[0].interface = text
        facts.sessions[0].portals.append(.init(address: text))
        facts.controllers[0].address = text
        facts.initiators[0].interfaces[0].address = text
        facts.initiators[0].model = text
        facts.blockDevices[0].pathGroups[0].paths[0].accessState = text
        facts.blockDevices[0].pathGroups[1].paths[0].device = text
        facts.blockDevices[0].array?.members[0].device = text
        facts.blockDevices[0].logicalUnit?.session = text
        facts.fileSystems[0].uuid = text
        let limited = facts.withinBounds()
        #expect(try Inventory(json: JSONFields(JSONValue.parse(limited.jsonBytes))) == limited)
        #expect(limited.remotePorts.count == 1 && limited.sessions[0].portals.count == 1 && limited.problems.count == 12)
        #expect(!limited.jsonText.contains(text))
    }

    @Test func aStackLeadsDownToItsUnitsHoweverItIsTied() {
        var devices = ["sda", "sdb", "sdc"].map { Inventory.BlockDevice(name: $0, kind: "disk") }
        devices[0].wwid = WWID("naa.6000000000000000000000000000000a")
        devices[1].wwid = WWID("naa.6000000000000000000000000000000a")
        devices[2].wwid = WWID("naa.6000000000000000000000000000000c")
        devices += [
            Inventory.BlockDevice(name: "dm-0", kind: "multipath", parents: ["sda", "sdb"]),
            Inventory.BlockDevice(name: "dm-1", kind: "lvm", parents: ["dm-0", "sdc1"]),
            Inventory.BlockDevice(name: "sdc1", kind: "partition", parents: ["sdc"]),
            // A tree that somebody made up.
            Inventory.BlockDevice(name: "dm-8", kind: "dm", parents: ["dm-9", "sdc"]),
            Inventory.BlockDevice(name: "dm-9", kind: "dm", parents: ["dm-8", "missing"]),
        ]
        var stack = Inventory.Stack(devices)
        #expect(stack.wwids(under: ["dm-1"]).map { String($0.description.suffix(1)) } == ["a", "c"])
        #expect(stack.disks(under: ["dm-1"]).map(\.name) == ["sda", "sdb", "sdc"])
        #expect(stack.wwids(under: ["dm-8"]).count == 1 && stack.disks(under: ["nothing"]).isEmpty)
    }
}
