import Identifiers
import PluginProtocol
import StrictJSON
import Testing

/// The objects of the protocol, as the contract spells them, and what is refused.
@Suite struct ObjectTests {
    private func fields(_ text: String) throws -> JSONFields { try JSONFields(JSONValue.parse(text)) }

    @Test func `each object reads what it writes`() throws {
        func round<Value: JSONReadable & JSONWritable & Equatable>(_ value: Value, _ text: String) throws {
            #expect(value.jsonText == text)
            #expect(try Value(json: fields(text)) == value)
        }
        let volumeID = try #require(VolumeID("v1")), portID = try #require(PortID("p"))
        try round(
            PluginVolume(
                volumeID: volumeID, name: "n", sizeBytes: 5, allocatedBytes: 1, poolID: StoragePoolID("q"),
                wwid: try #require(WWID("naa.6001405000000000000000000000000a")), replicaOf: VolumeID("v0"), replicaState: "split"),
            """
            {"volumeID":"v1","name":"n","sizeBytes":5,"allocatedBytes":1,"poolID":"q","wwid":"naa.6001405000000000000000000000000a",\
            "health":"ok","replicaOf":"v0","replicaState":"split"}
            """)
        try round(
            PluginPort(
                portID: portID, transport: .iscsi, iqn: ISCSIName("iqn.2026-11.example:a"), portals: ["[::1]:3260"], portalGroupTag: 1,
                speedBitsPerSecond: 10_000_000_000, state: "online", authentication: "chap"),
            """
            {"portID":"p","transport":"iscsi","iqn":"iqn.2026-11.example:a","portals":["[::1]:3260"],"portalGroupTag":1,\
            "speedBitsPerSecond":10000000000,"state":"online","authentication":"chap"}
            """)
        try round(
            PluginMasking(volumeID: volumeID, initiator: .anybody, lun: 0, portIDs: [portID], access: .readOnly),
            #"{"volumeID":"v1","initiator":"*","lun":0,"portIDs":["p"],"access":"ro"}"#)
        try round(
            PluginSession(
                initiator: try #require(InitiatorName("50:06:01:60:3b:a0:12:34")), portID: portID, since: Timestamp("2026-11-21T07:30:00Z"),
                address: "10.0.0.1"),
            #"{"initiator":"50:06:01:60:3b:a0:12:34","portID":"p","since":"2026-11-21T07:30:00Z","address":"10.0.0.1"}"#)
        try round(
            PluginTask(taskID: try #require(StorageTaskID("t")), state: .failed(PluginFault(.noSpace, "full"))),
            #"{"taskID":"t","state":"failed","error":{"code":-32000,"message":"full","data":{"kind":"noSpace"}}}"#)
        try round(
            PluginIdentity(
                name: "n", version: "1", vendor: "v", options: [PluginOption("password", required: true, secret: true, "the secret")]),
            """
            {"protocol":1,"name":"n","version":"1","vendor":"v","options":[{"name":"password","required":true,"secret":true,\
            "description":"the secret"}]}
            """)
    }

    @Test(arguments: [
        (#"{"volumeID":"","name":"n","sizeBytes":1,"wwid":"w"}"#, "volumeID is not an ID of 1 to 256 bytes without control characters"),
        (#"{"volumeID":"a\nb","name":"n","sizeBytes":1,"wwid":"w"}"#, "volumeID is not an ID of 1 to 256 bytes without control characters"),
        (#"{"volumeID":"v","name":"n\u001b[2J","sizeBytes":1,"wwid":"w"}"#, "name has control characters"),
        (#"{"volumeID":"v","name":"n","sizeBytes":-1,"wwid":"w"}"#, "sizeBytes is not within 0 to 9223372036854775807"),
        (#"{"volumeID":"v","name":"n","sizeBytes":1.5,"wwid":"w"}"#, "sizeBytes is not an integer"),
        (#"{"volumeID":"v","name":"n","sizeBytes":"1","wwid":"w"}"#, "sizeBytes is not an integer"),
        (#"{"volumeID":"v","name":"n","sizeBytes":1}"#, "wwid is missing"),
        (#"{"volumeID":"v","name":"n","sizeBytes":1,"wwid":""}"#, "wwid is not a WWID"),
        (#"[]"#, "the JSON text is not an object"),
    ])
    func `a volume that is none is refused with the field that is wrong`(text: String, message: String) throws {
        let value = try JSONValue.parse(text)
        #expect { try PluginVolume(json: JSONFields(value)) } throws: { "\($0)" == message }
    }

    @Test(arguments: [
        (#"{"portID":"p","transport":"fc","state":"on"}"#, "wwpn is missing"),
        (#"{"portID":"p","transport":"iscsi","state":"on"}"#, "iqn is missing"),
        (#"{"portID":"p","transport":"token-ring","state":"on"}"#, "transport is not fc, iscsi or nvme"),
        (
            #"{"portID":"p","transport":"iscsi","iqn":"iqn.2026-11.example:a","portals":["10.0.0.1"]}"#,
            "portals[0] is not address:port, an IPv6 address in brackets"
        ),
        (
            #"{"portID":"p","transport":"iscsi","iqn":"iqn.2026-11.example:a","portals":["::1:3260"]}"#,
            "portals[0] is not address:port, an IPv6 address in brackets"
        ),
        (
            #"{"portID":"p","transport":"iscsi","iqn":"iqn.2026-11.example:a","portalGroupTag":65536}"#,
            "portalGroupTag is not within 0 to 65535"
        ),
    ])
    func `a port that is none is refused with the field that is wrong`(text: String, message: String) throws {
        let value = try JSONValue.parse(text)
        #expect { try PluginPort(json: JSONFields(value)) } throws: { "\($0)" == message }
    }

    @Test(arguments: [
        (#"{"volumeID":"v","initiator":"nobody","lun":1,"portIDs":[]}"#, "initiator is not a WWPN, an IQN, an NQN or *"),
        (#"{"volumeID":"v","initiator":"*","lun":16384,"portIDs":[]}"#, "lun is not within 0 to 16383"),
        (#"{"volumeID":"v","initiator":"*","portIDs":[]}"#, "lun is missing"),
        (#"{"volumeID":"v","initiator":"*","lun":1,"portIDs":[],"access":"all"}"#, "access is not rw or ro"),
    ])
    func `a masking entry that is none is refused with the field that is wrong`(text: String, message: String) throws {
        let value = try JSONValue.parse(text)
        #expect { try PluginMasking(json: JSONFields(value)) } throws: { "\($0)" == message }
    }

    @Test func `names are brought to their normal form`() throws {
        let masking = try PluginMasking(json: fields(#"{"volumeID":"v","initiator":"IQN.2026-11.Example:HostA","lun":1,"portIDs":[]}"#))
        #expect(masking.initiator.description == "iqn.2026-11.example:hosta")
        let port = try PluginPort(json: fields(#"{"portID":"p","transport":"fc","wwpn":"500601603BA01234","state":"on"}"#))
        #expect(port.wwpn?.description == "50:06:01:60:3b:a0:12:34")
    }

    @Test func `a list keeps what holds and tells what does not`() throws {
        let text =
            #"{"volumes":[{"volumeID":"a","sizeBytes":1,"wwid":"w"},{"volumeID":"b","sizeBytes":1},7,{"volumeID":"c","sizeBytes":2,"wwid":"x"}]}"#
        let list = try PluginList<PluginVolume>(result: JSONValue.parse(text), key: "volumes", idKey: "volumeID")
        #expect(list.entries.map(\.volumeID.text) == ["a", "c"])
        #expect(list.malformed.map(\.id) == ["b", nil])
        #expect(list.malformed.map(\.reason.description) == ["volumes[1].wwid is missing", "volumes[2] is not an object"])
        #expect(throws: JSONError.missing(path: "volumes")) {
            try PluginList<PluginVolume>(result: .object([:]), key: "volumes", idKey: "volumeID")
        }
        let long = JSONValue.object(["volumes": .array([JSONValue](repeating: 1, count: 100_001))])
        #expect(throws: JSONError.invalid(path: "volumes", reason: "has 100001 entries; at most 100000 are read")) {
            try PluginList<PluginVolume>(result: long, key: "volumes", idKey: "volumeID")
        }
    }

    @Test func `capabilities are methods, features and limits`() {
        let words = ["volume.list", "pool.list", "volume.resize.online", "lun.max=255", "x=y=z", "future.method"]
        let capabilities = PluginCapabilities(words: words)
        #expect(capabilities.methods == [.volumeList, .poolList])
        #expect(capabilities.features == ["volume.resize.online", "future.method"])
        #expect(capabilities.limit("lun.max") == 255)
        #expect(capabilities.limit("x") == nil)
        #expect(capabilities.limits["x"] == "y=z")
        #expect(capabilities.lists(.systemGet) && !capabilities.lists(.diskList))
        #expect(PluginCapabilities(words: capabilities.words) == capabilities)
    }

    @Test func `options that are not declared are refused, and missing ones named`() throws {
        let identity = PluginIdentity(
            name: "x", version: "1", vendor: "v", options: [PluginOption("state", required: true, "a file"), PluginOption("fault", "f")])
        #expect(identity.refusal(of: ["state": "a"]) == nil)
        #expect(identity.refusal(of: ["state": "a", "stat": "b"])?.message == "stat is no option of plug-in x; it takes: fault, state")
        #expect(identity.refusal(of: [:])?.message == "state is an option that plug-in x needs: a file")
        #expect(identity.refusal(of: [:])?.field == "state")
    }

    @Test func `a request sent again is answered from the journal, another under its ID is a conflict`() throws {
        var journal = RequestJournal()
        let id = try #require(StorageRequestID("r1"))
        let request = VolumeCreation(name: "n", sizeBytes: 1, requestID: id)
        #expect(try journal.result(of: id, .volumeCreate, request) == nil)
        journal.record(id, .volumeCreate, request, result: "done")
        #expect(try journal.result(of: id, .volumeCreate, request) == "done")
        #expect(throws: PluginFault.self) { try journal.result(of: id, .volumeDelete, request) }
        let other = VolumeCreation(name: "m", sizeBytes: 1, requestID: id)
        #expect(throws: PluginFault(.conflict, "request ID r1 stands for another volume.create already")) {
            try journal.result(of: id, .volumeCreate, other)
        }
        for index in 0..<RequestJournal.capacity {
            journal.record(try #require(StorageRequestID("x\(index)")), .volumeCreate, request, result: .integer(Int64(index)))
        }
        #expect(try journal.result(of: id, .volumeCreate, request) == nil)
        let read = try RequestJournal(json: fields(journal.jsonText))
        #expect(try read.result(of: try #require(StorageRequestID("x9999")), .volumeCreate, request) == 9999)
    }
}
