import Identifiers
import Inventory
import StrictJSON

@testable import Messages

/// One message of each kind and outcome, with everything in it: the vectors are their canonical JSON.
enum SampleMessages {
    static let at = Timestamp(seconds: 1_795_246_200)
    static func id(_ text: String) -> MessageID { MessageID(text) ?? .random() }
    static func fingerprint(_ byte: UInt8) -> Fingerprint {
        guard let fingerprint = Fingerprint(bytes: [UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes are one") }
        return fingerprint
    }

    static func message(_ body: MessageBody, previous: MessageID? = nil) -> Message {
        let isFromController = body.kind.isFromController
        return Message(
            envelope: Envelope(
                messageID: id("message-aaaaaaaaaaaaaaaaaaaaaaaaab"), padID: PadID("pad-1") ?? .random(), epoch: 1,
                sender: fingerprint(isFromController ? 0xCC : 0x11), recipient: fingerprint(isFromController ? 0x11 : 0xCC),
                previous: previous, previousSequence: previous == nil ? nil : at.microseconds - 60_000_000,
                sequence: at.microseconds, at: at),
            body: body)
    }

    static let inventory: Inventory = {
        let text = #"""
            {"format":"quartermaster-inventory/1","host":{"hostName":"db1","machineID":"4c4c4544005a4d108052b2c04f4e3632","kernel":"6.1.0"},
            "initiators":[{"transport":"iscsi","name":"iscsi","iqn":"iqn.1993-08.org.debian:01:db1"}],
            "blockDevices":[{"name":"sda","deviceNumber":"8:0","kind":"disk","sizeBytes":1073741824,"parents":[]}],
            "fileSystems":[],"applications":[],"problems":[]}
            """#
        do {
            return try Inventory(json: JSONFields(JSONValue.parse(text)))
        } catch {
            preconditionFailure("the sample inventory is not read: \(error)")
        }
    }()

    static let changed: Inventory = {
        var changed = inventory
        changed.host.kernel = "6.1.1"
        return changed
    }()

    static let registration = Registration(
        accountID: AccountID("account-1") ?? .random(), domain: "production",
        credential: .password(user: "alice", password: Array("correct horse ü".utf8)), certificateRequest: [0x30, 0x00], level: 3,
        cluster: "db", agentVersion: "1.0.0", heardWithinSeconds: 900, inventory: inventory)

    static var all: [(name: String, message: Message)] {
        var tokenRegistration = registration
        tokenRegistration.credential = .token(Array("token-secret".utf8))
        tokenRegistration.domain = nil
        tokenRegistration.cluster = nil
        tokenRegistration.heardWithinSeconds = nil
        let reply = id("message-aaaaaaaaaaaaaaaaaaaaaaaaac")
        let instructionEnd = at + .seconds(3600)
        var list: [(String, MessageBody)] = [
            ("registration", .registration(registration)),
            ("registration-token", .registration(tokenRegistration)),
            ("inventory-full", .inventory(InventoryReport(digest: inventory.digest, contents: .full(inventory), agentVersion: "1.0.0"))),
            ("free-space", .freeSpace(freeSpace)),
            ("event", .event(HostEvent(event: "device-added", subject: "sdb", detail: "1.0 GiB", happenedAt: at))),
            ("acknowledgement", .acknowledgement(Acknowledgement(of: reply, outcome: .failed, detail: "no such device"))),
            ("renewal", .renewal(Renewal(certificateRequest: [0x30, 0x00]))),
            ("farewell", .farewell(Farewell(reason: "decommissioned"))),
            ("reply-accepted", .reply(Reply(inReplyTo: reply, outcome: .accepted(acceptance)))),
            (
                "reply-refused",
                .reply(
                    Reply(
                        inReplyTo: reply,
                        outcome: .refused(
                            Refusal(reason: .locked, text: "too many failures", retryAfterSeconds: 60, supportedVersions: [1]))))
            ),
            ("reply-resync", .reply(Reply(inReplyTo: reply, outcome: .resync(epoch: 2, nextSequence: 7)))),
            ("reply-received", .reply(Reply(inReplyTo: reply, outcome: .received))),
            ("instruction-set-interval", .instruction(Instruction(action: .setInterval(seconds: 300), expires: instructionEnd))),
            ("instruction-rescan", .instruction(Instruction(action: .rescan))),
            ("instruction-rotate-keys", .instruction(Instruction(action: .rotateKeys))),
            (
                "instruction-iscsi-session",
                .instruction(Instruction(action: .iscsiSession(parameters: JSONObject([("target", "iqn.x:y")]))))
            ),
        ]
        if let wwid = WWID("naa.600140500000000000000000000000a1") {
            list.append(
                ("instruction-grow", .instruction(Instruction(action: .grow(mountPoint: "/srv", wwid: wwid, sizeBytes: 2_147_483_648)))))
        }
        if let difference = InventoryDifference(from: inventory, to: changed) {
            let report = InventoryReport(digest: changed.digest, contents: .difference(difference), agentVersion: "1.0.0")
            list.append(("inventory-difference", .inventory(report)))
        }
        return list.map { ($0.0, message($0.1, previous: $0.0 == "registration" ? nil : id("message-before"))) }
    }

    private static let acceptance = Acceptance(
        hostID: HostID("host-1") ?? .random(), accountID: AccountID("account-1") ?? .random(),
        certificates: [[0x30, 0x00], [0x30, 0x01]],
        expires: at + .seconds(86_400), notes: ["No volume is masked to this host yet."])

    private static let freeSpace = FreeSpaceReport(
        measuredAt: at, heardWithinSeconds: 900,
        fileSystems: [
            .init(
                mountPoint: "/srv", type: "ext4", source: "/dev/sdb", sizeBytes: 1_000_000, availableBytes: 400_000, freeBytes: 450_000,
                inodes: 1000, inodesFree: 900, devices: ["sdb"],
                logicalUnits: [
                    .init(
                        device: "sdb", wwid: WWID("naa.600140500000000000000000000000a1"),
                        logicalUnit: .init(lun: 1, targetPort: InitiatorName("iqn.2001-04.com.example:t1")), sizeBytes: 1_073_741_824)
                ])
        ])
}
