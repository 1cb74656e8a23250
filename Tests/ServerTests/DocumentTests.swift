import ControllerAPI
import Foundation
import Identifiers
import StrictJSON
import Testing

@testable import Server

@Suite struct DocumentTests {
    /// The names that other programs read (docs of the commands): each must be in the document's schema, to the letter.
    @Test(arguments: [
        ("AccountDocument", ["accountID", "name", "state"]),
        ("DomainDocument", ["domainID", "name"]),
        ("UserDocument", ["userID"]),
        ("PadDocument", ["padID", "directory", "fingerprint"]),
        ("SystemDocument", ["systemID"]),
        ("HostList", ["hosts", "next"]),
        (
            "HostDocument",
            [
                "hostID", "hostName", "accountID", "domain", "state", "registeredAt", "lastReportAt", "initiators", "inventory",
                "fileSystems",
            ]
        ),
        ("HostInitiatorDocument", ["transport", "wwpn", "iqn", "nqn"]),
        ("AssociationList", ["associations", "next"]),
        (
            "AssociationDocument",
            [
                "accountID", "hostID", "initiator", "systemID", "volumeID", "volumeName", "wwid", "lun", "sizeBytes", "state", "evidence",
            ]
        ),
        ("EvidenceDocument", ["kind", "at"]),
        ("AuditList", ["events", "next"]),
        ("AuditDocument", ["sequence", "at", "actor", "action", "subject", "outcome", "detail"]),
        ("AccountList", ["accounts", "next"]), ("DomainList", ["domains", "next"]), ("UserList", ["users", "next"]),
        ("TokenList", ["tokens", "next"]), ("PadList", ["pads", "next"]), ("SystemList", ["systems", "next"]),
        ("VolumeList", ["volumes", "next"]), ("PortList", ["ports", "next"]), ("MaskingList", ["masking", "next"]),
        ("HistoryList", ["history", "next"]), ("InitiatorList", ["initiators", "next"]),
        ("ErrorReply", ["error"]), ("Fault", ["code", "message", "subject"]),
    ])
    func aDocumentHasTheNamesThatOthersRead(name: String, members: [String]) throws {
        let document = try OpenAPIDocument.json(version: "1")
        let schema = try #require(document["components"]?["schemas"]?[name])
        let known = try #require(schema["properties"]?.objectValue?.keys)
        for member in members { #expect(known.contains(member), "\(name) has no \(member)") }
    }

    @Test func theWordsOfTheInterfaceAreThoseThatOthersRead() {
        #expect(HostStateName.allCases.map(\.rawValue) == ["registered", "unregistered", "suspended"])
        #expect(AssociationStateName.allCases.map(\.rawValue) == ["confirmed", "declared", "pending", "conflict", "stale"])
        #expect(EvidenceKindName.allCases.map(\.rawValue) == ["claim", "masking", "device", "session", "accountPad", "assigned"])
        #expect(
            RoleName.allCases.map(\.rawValue) == ["provider-admin", "customer-admin", "domain-admin", "server-admin", "end-user"])
    }

    @Test func absentMembersAreLeftOut() throws {
        let document = AccountDocument(
            accountID: try #require(AccountID("account-1")), name: "a/b", state: .open, createdAt: Timestamp(seconds: 0), closedAt: nil)
        let text = String(decoding: try APICoding.encode(document), as: UTF8.self)
        #expect(text == #"{"accountID":"account-1","createdAt":"1970-01-01T00:00:00Z","name":"a/b","state":"open"}"#)
        #expect(try APICoding.decode(AccountDocument.self, from: Array(text.utf8), limit: 1_000) == document)
    }

    @Test(arguments: [
        (#"{"name":"a","name":"b"}"#, "name"), (#"{"name":1}"#, "name is not of type string"), ("{}", "name is missing"),
        (#"{"name":null}"#, "name"), ("[1]", "not"), ("", "byte 0"), (#"{"name":"a"} x"#, "byte"),
    ])
    func aMalformedRequestIsRefusedWithTheNameOfTheMember(text: String, words: String) throws {
        let error = try #require(throws: JSONError.self) {
            try APICoding.decode(NewAccount.self, from: Array(text.utf8), limit: 1_000)
        }
        #expect(error.description.contains(words), "\(error)")
    }

    @Test(arguments: [("500ms", 500), ("1s", 1_000), ("10m", 600_000), ("12h", 43_200_000), ("7d", 604_800_000)])
    func aTimeIsANumberAndAUnit(text: String, milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
        #expect(DurationText.text(milliseconds: milliseconds) == text)
    }

    @Test(arguments: ["", "1", "s", "1 s", "-1s", "1.5h", "99999999999999999999s", "400000d", "1S"])
    func whatIsNoTimeIsRefused(text: String) { #expect(DurationText.milliseconds(text) == nil) }

    @Test(arguments: [("0.05", 50_000), ("100", 100_000_000), ("0.000001", 1), ("12.5", 12_500_000)])
    func anAmountIsExact(text: String, millionths: Int64) {
        #expect(AmountText.millionths(text) == millionths)
        #expect(AmountText.millionths(AmountText.text(millionths: millionths)) == millionths)
    }

    @Test(arguments: ["", "-1", "1.", ".5", "1e3", "0.0000001", "1,5", "99999999999999999999", "1.-5"])
    func whatIsNoAmountIsRefused(text: String) { #expect(AmountText.millionths(text) == nil) }
}
