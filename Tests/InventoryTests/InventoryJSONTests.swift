import Identifiers
import Inventory
import StrictJSON
import Testing

@Suite struct InventoryJSONTests {
    private func read(_ text: String) throws -> Inventory { try Inventory(json: JSONFields(JSONValue.parse(text))) }
    private func text(_ members: String) -> String { "{\"format\":\"quartermaster-inventory/1\",\"host\":{}\(members)}" }

    @Test func theLeastInventoryIsAHost() throws {
        let inventory = try read(text(""))
        #expect(
            inventory.jsonText
                == "{\"format\":\"quartermaster-inventory/1\",\"host\":{},\"initiators\":[],\"blockDevices\":[],\"fileSystems\":[],"
                + "\"applications\":[],\"problems\":[]}")
        #expect(inventory.digest == InventoryDigest(inventory.digest.description))
    }

    @Test func theDigestIsTheSHA256OfTheBytes() {
        #expect(InventoryDigest(of: Array("abc".utf8)).description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func unknownMembersAreIgnored() throws {
        #expect(
            try read(text(",\"future\":1,\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"hologram\",\"colour\":\"red\"}]")).blockDevices
                .count == 1)
    }

    @Test(arguments: [
        ("{}", JSONError.missing(path: "format")),
        (
            "{\"format\":\"quartermaster-inventory/2\",\"host\":{}}",
            .invalid(path: "format", reason: "is not quartermaster-inventory/1, the one that is understood here")
        ),
        ("{\"format\":\"quartermaster-inventory/1\"}", .missing(path: "host")),
    ])
    func theFrameIsHeldTo(text: String, error: JSONError) { #expect(throws: error) { try read(text) } }

    @Test(arguments: [
        (",\"initiators\":{}", JSONError.wrongType(path: "initiators", expected: "an array")),
        (",\"initiators\":[{}]", .missing(path: "initiators[0].transport")),
        (
            ",\"initiators\":[{\"transport\":\"fc\",\"wwpn\":\"x\"}]",
            .wrongType(path: "initiators[0].wwpn", expected: "a worldwide name of 64 bits")
        ),
        (
            ",\"initiators\":[{\"transport\":\"carrier pigeon\"}]",
            .wrongType(path: "initiators[0].transport", expected: "fc, iscsi, nvme or sas")
        ),
        (",\"blockDevices\":[{\"name\":\"sda\"}]", .missing(path: "blockDevices[0].kind")),
        (
            ",\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"disk\",\"sizeBytes\":-1}]",
            .invalid(path: "blockDevices[0].sizeBytes", reason: "is not within 0 to 9223372036854775807")
        ),
        (
            ",\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"disk\",\"deviceNumber\":\"8\"}]",
            .wrongType(path: "blockDevices[0].deviceNumber", expected: "a device number as 8:0")
        ),
        (
            ",\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"disk\",\"scsiAddress\":\"1:2:3\"}]",
            .wrongType(path: "blockDevices[0].scsiAddress", expected: "a SCSI address as 6:0:0:1")
        ),
        (",\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"disk\",\"logicalUnit\":{}}]", .missing(path: "blockDevices[0].logicalUnit.lun")),
        (
            ",\"blockDevices\":[{\"name\":\"sda\",\"kind\":\"disk\",\"wwid\":\"\"}]",
            .wrongType(path: "blockDevices[0].wwid", expected: "a WWID")
        ),
        (",\"fileSystems\":[{\"mountPoint\":\"/\"}]", .missing(path: "fileSystems[0].type")),
        (",\"problems\":[{\"path\":1}]", .wrongType(path: "problems[0].path", expected: "a string")),
        (
            ",\"applications\":[{\"name\":\"\(String(repeating: "x", count: 256))\"}]",
            .invalid(path: "applications[0].name", reason: "is longer than 255 bytes")
        ),
    ])
    func entriesAreHeldToTheirTypesAndBounds(members: String, error: JSONError) { #expect(throws: error) { try read(text(members)) } }

    @Test(arguments: ["", ":", "8:", ":8", "8:0:", "8:0 ", "+8:0", "4294967296:0", "8:99999999999999999999", "8:-1"])
    func whatIsNoDeviceNumberIsNone(text: String) { #expect(DeviceNumber(text) == nil) }

    @Test(arguments: ["", "6:0:0", "6:0:0:1:", "6:0:0:x", "4294967296:0:0:0", "6::0:1"])
    func whatIsNoSCSIAddressIsNone(text: String) { #expect(SCSIAddress(text) == nil) }
}
