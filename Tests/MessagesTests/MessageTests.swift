import Files
import Glibc
import Identifiers
import StrictJSON
import Testing

@testable import Messages

/// The JSON of each kind of message, held to the files in Vectors: one that a version has written is read by the next.
@Suite(.serialized) struct MessageVectorTests {
    static let directory = #filePath[..<(#filePath.lastIndex(of: "/") ?? #filePath.endIndex)] + "/Vectors"
    static func file(_ name: String) -> String { "\(directory)/\(name).json" }

    @Test(.enabled(if: getenv("UPDATE_VECTORS") != nil, "by design: UPDATE_VECTORS=1 records them")) func `vectors are made anew`() throws {
        try makeDirectories(String(Self.directory), mode: 0o755)
        for (name, message) in SampleMessages.all { try replaceFile(Self.file(name), with: message.jsonBytes + [0x0A], mode: 0o644) }
    }

    @Test(arguments: SampleMessages.all.map(\.name))
    func `a vector is read as the message it was, and written as the same bytes`(name: String) throws {
        let expected = try #require(SampleMessages.all.first { $0.name == name }).message
        let bytes = try readFile(Self.file(name))
        #expect(try Message.parse(bytes) == expected)
        #expect(expected.jsonBytes + [0x0A] == bytes)
    }

    @Test func `every kind has a vector`() {
        #expect(Set(SampleMessages.all.map(\.message.body.kind)) == Set(MessageKind.allCases))
    }
}

@Suite struct MessageTests {
    let text = SampleMessages.message(.farewell(Farewell(reason: "x"))).jsonText

    @Test func `unknown members are ignored, wherever they are`() throws {
        let later = text.replacing("\"body\":{", with: "\"later\":[{\"a\":1}],\"body\":{\"more\":null,")
        #expect(try Message.parse(later.utf8).jsonText == text)
    }

    @Test func `another version is told apart, with the message's ID for an answer`() throws {
        for format in ["quartermaster-message/2", "quartermaster-message/0", "quartermaster-message/01", "other/1"] {
            let other = text.replacing("quartermaster-message/1", with: format)
            #expect(throws: MessageError.unknownFormat(found: format, messageID: SampleMessages.id("message-aaaaaaaaaaaaaaaaaaaaaaaaab"))) {
                try Message.parse(other.utf8)
            }
        }
        #expect(throws: MessageError.unknownKind(found: "dance", messageID: SampleMessages.id("message-aaaaaaaaaaaaaaaaaaaaaaaaab"))) {
            try Message.parse(text.replacing("\"farewell\"", with: "\"dance\"").utf8)
        }
        #expect("\(MessageError.unknownFormat(found: "x", messageID: nil))".contains("quartermaster-message/1 is understood"))
    }

    static let malformed: [(from: String, to: String, reason: String)] = [
        ("{\"format\"", "[\"format\"", "JSON syntax"),
        ("\"kind\":\"farewell\",", "", "kind is missing"),
        ("\"messageID\":\"message-aaaaaaaaaaaaaaaaaaaaaaaaab\"", "\"messageID\":\"a/b\"", "messageID is not an ID"),
        ("\"padID\":\"pad-1\"", "\"padID\":7", "padID is not a string"),
        ("\"epoch\":1", "\"epoch\":0", "epoch is not within 1 to"),
        ("\"epoch\":1", "\"epoch\":1.5", "epoch is not an integer"),
        ("\"epoch\":1", "\"epoch\":1,\"epoch\":1", "given twice"),
        ("\"sender\":\"SHA256:", "\"sender\":\"MD5:", "sender is not a fingerprint"),
        ("\"sequence\":1795246200000000", "\"sequence\":-1", "sequence is not within 1 to"),
        ("\"sequence\":1795246200000000", "\"sequence\":9223372036854775807", "sequence is not within 1 to"),
        ("\"sequence\":1795246200000000", "\"sequence\":7,\"previousSequence\":7", "previousSequence is 7, not before"),
        ("\"epoch\":1", "\"epoch\":9223372036854775807", "epoch is not within 1 to"),
        ("\"at\":\"2026-", "\"at\":\"1969-", "at is not a time"),
        ("\"body\":{\"reason\":\"x\"}", "\"body\":[]", "body is not an object"),
        ("\"reason\":\"x\"", "\"reason\":7", "body.reason is not a string"),
    ]

    @Test(arguments: malformed)
    func `a malformed message is refused with the member that is wrong`(from: String, to: String, reason: String) {
        let altered = text.replacing(from, with: to)
        #expect(altered != text)
        #expect {
            try Message.parse(altered.utf8)
        } throws: { error in
            #expect("\(error)".contains(reason), "\(error)")
            return true
        }
    }

    @Test func `nesting and size are bounded`() {
        let deep = text.replacing(
            "\"body\":{", with: "\"body\":{\"deep\":" + String(repeating: "[", count: 31) + String(repeating: "]", count: 31) + ",")
        #expect(throws: MessageError.self) { try Message.parse(deep.utf8) }
        #expect(throws: MessageError.malformed(.tooLarge(bytes: text.utf8.count, limit: 100))) {
            try Message.parse(text.utf8, limits: JSONLimits(maximumBytes: 100))
        }
    }

    @Test func `a registration with a password names a user and a domain`() {
        let text = SampleMessages.message(.registration(SampleMessages.registration)).jsonText
        #expect(throws: MessageError.malformed(.missing(path: "body.domain"))) {
            try Message.parse(text.replacing("\"domain\":\"production\",", with: "").utf8)
        }
        #expect(throws: MessageError.malformed(.missing(path: "body.credential.user"))) {
            try Message.parse(text.replacing("\"user\":\"alice\",", with: "").utf8)
        }
        #expect(throws: MessageError.malformed(.invalid(path: "body.level", reason: "is not within 2 to 4"))) {
            try Message.parse(text.replacing("\"level\":3", with: "\"level\":5").utf8)
        }
    }

    @Test func `a credential is never printed`() {
        let printed = "\(SampleMessages.registration)" + String(reflecting: SampleMessages.registration.credential)
        #expect(printed.contains("password of alice"))
        #expect(!printed.contains("correct horse") && !printed.contains("99, 111, 114"))
        var dumped = ""
        dump(SampleMessages.registration.credential, to: &dumped)
        #expect(!dumped.contains("99"))
    }

    @Test func `an instruction or a reason from the future is kept by its name`() throws {
        let instruction = SampleMessages.message(.instruction(Instruction(action: .rescan))).jsonText
        let later = try Message.parse(instruction.replacing("\"rescan\"", with: "\"dance\"").utf8)
        #expect(later.body == .instruction(Instruction(action: .unknown("dance"))))
        let reply = SampleMessages.message(
            .reply(Reply(inReplyTo: .random(), outcome: .refused(Refusal(reason: .limit, text: "x"))))
        ).jsonText
        guard case .reply(let read) = try Message.parse(reply.replacing("\"limit\"", with: "\"mood\"").utf8).body,
            case .refused(let refusal) = read.outcome
        else {
            Issue.record("not a refusal")
            return
        }
        #expect(refusal.reason == RefusalReason(rawValue: "mood"))
    }

    @Test(
        arguments: [
            (nil, 1000, 1000), (5, 1000, 1000), (1000, 1000, 1001), (5000, 1000, 5001), (Int64.max, 1000, Int64.max),
        ] as [(Int64?, Int64, Int64)])
    func `a number is above the last and not behind the clock`(last: Int64?, now: Int64, next: Int64) {
        #expect(Envelope.sequence(after: last, at: Timestamp(microseconds: now)) == next)
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples come out both ways`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z g=", "Zg==\n", "====", "Zg==Zg==", "Zm9v-_==", "Zé=="])
    func `anything else is refused`(text: String) { #expect(Base64.decode(text) == nil) }
}
