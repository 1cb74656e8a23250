import ISCSI
import Testing

@Suite struct CHAPTests {
    /// Computed by Python's hashlib: digest of identifier, secret and challenge (RFC 1994 section 4.1).
    @Test(
        arguments: [
            (.md5, 0x27, "1656a4febb40a1255e54cb2477b4c7b3"),
            (.md5, 0xFF, "7f9da687cb475293a8343c984fe068ab"),
            (.sha1, 0x27, "57642c6b3f844a0c908e265c834f584de7713bfb"),
            (.sha1, 0xFF, "065853aff05fc9e9889b5e6d3e53fdfc52e0dd0b"),
            (.sha256, 0x27, "577c3dd7b5ce6790bef884206d06894ef166e32303d80800ccc1af67263fc6a6"),
            (.sha256, 0xFF, "2cc23d935e390731c49bebaeb489b641b2190ef1df6262dbc88c0608f919c673"),
            (.sha3, 0x27, "4cdd20a356fa2ac86ce7a2327fedd91314e94b2a40b34c4480af8bdb03e2947e"),
            (.sha3, 0xFF, "cc2215d24c4df1c2f202f1db4cc693efaf2811f74556004414cc0e459d000dbb"),
        ] as [(CHAPAlgorithm, UInt8, String)])
    func responsesAreThePeers(algorithm: CHAPAlgorithm, identifier: UInt8, expected: String) throws {
        let isShort = identifier == 0x27
        let secret = isShort ? Array("insecret12345".utf8) : [0, 0xFF, 0x80] + Array(" any bytes".utf8)
        let challenge = (0..<(isShort ? 16 : 1024)).map { UInt8(truncatingIfNeeded: $0) }
        // What this host's libcrypto refuses is not offered, and has no response.
        guard CHAPAlgorithm.available.contains(algorithm) else {
            #expect(algorithm.response(identifier: identifier, secret: CHAPSecret(secret), challenge: challenge) == nil)
            return
        }
        let response = try #require(algorithm.response(identifier: identifier, secret: CHAPSecret(secret), challenge: challenge))
        #expect(TextValue.hexadecimal(response) == "0x" + expected)
        #expect(response.count == algorithm.length)
    }

    @Test func theStrongestAvailableComesFirst() {
        #expect(CHAPAlgorithm.available == CHAPAlgorithm.available.sorted { $0.rawValue > $1.rawValue })
        #expect(CHAPAlgorithm.available.contains(.sha256))
    }

    @Test(
        arguments: [
            ("no algorithm", "CHAP_I=1 CHAP_C=0x00112233445566778899aabbccddeeff"),
            ("two algorithms", "CHAP_A=5,7 CHAP_I=1 CHAP_C=0x00112233445566778899aabbccddeeff"),
            ("one that was not offered", "CHAP_A=9 CHAP_I=1 CHAP_C=0x00112233445566778899aabbccddeeff"),
            ("no identifier", "CHAP_A=7 CHAP_C=0x00112233445566778899aabbccddeeff"),
            ("an identifier of 256", "CHAP_A=7 CHAP_I=256 CHAP_C=0x00112233445566778899aabbccddeeff"),
            ("no challenge", "CHAP_A=7 CHAP_I=1"),
            ("a challenge of 15 bytes", "CHAP_A=7 CHAP_I=1 CHAP_C=0x00112233445566778899aabbccddee"),
            ("a challenge of 1025 bytes", "CHAP_A=7 CHAP_I=1 CHAP_C=0x" + String(repeating: "00", count: 1025)),
            ("a challenge that is no number", "CHAP_A=7 CHAP_I=1 CHAP_C=00112233445566778899aabbccddeeff"),
        ])
    func aChallengeThatIsNoneIsRefused(what: String, keys: String) throws {
        var output: [UInt8] = []
        var conversation = CredentialCheck(
            initiator: .test, target: "iqn.2026-11.lab.example:t1",
            credentials: CHAPCredentials(user: "u", secret: CHAPSecret("insecret12345".utf8)),
            random: .fixed)
        _ = conversation.begin(&output)
        var input = loginResponse("AuthMethod=CHAP\0")
        input += loginResponse(keys.split(separator: " ").map { $0 + "\0" }.joined())
        guard case .failed(let fault) = conversation.receive(input, &output) else {
            Issue.record("\(what) was taken")
            return
        }
        #expect(fault.outcome == .notAnISCSIPortal)
    }

    private func loginResponse(_ text: String) -> [UInt8] {
        var pdu = PDU(.loginResponse, data: Array(text.utf8))
        pdu.header.replaceSubrange(8..<14, with: [0x80] + RandomSource.fixed.bytes(5))
        pdu.initiatorTaskTag = 1
        var bytes: [UInt8] = []
        pdu.append(to: &bytes)
        return bytes
    }

    // MARK: secrets

    @Test func aSecretIsNotPrinted() {
        let secret = CHAPSecret("insecret12345".utf8)
        let credentials = CHAPCredentials(user: "inuser", secret: secret, mutual: .init(user: "outuser", secret: secret))
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(secret)", "\(credentials)", String(reflecting: credentials), "\(Optional(credentials) as Any)", dumped] {
            #expect(!text.contains("insecret"))
        }
    }

    @Test(
        arguments: [
            ("insecret12345", []), ("", [.emptySecret(isMutual: false)]), ("elevenbytes", [.shortSecret(isMutual: false, bytes: 11)]),
            ("seventeen bytes !", [.moreThan16Bytes(isMutual: false, bytes: 17)]),
            ("aaaaaaaaaaaa", [.monotonousSecret(isMutual: false, different: 1)]),
            ("twelve bytes\n", [.unrecordableSecret(isMutual: false)]), (" twelve bytes", [.unrecordableSecret(isMutual: false)]),
            ("twelve bytes\r", [.windowsLineEnd(isMutual: false)]), ("\u{FEFF}twelve bytes", [.byteOrderMark(isMutual: false)]),
            ("zwölf Bytes 1", [.secretBeyondASCII(isMutual: false)]),
            (String(repeating: "0123456789", count: 26), [.longSecret(isMutual: false)]),
        ] as [(String, [CHAPRule])])
    func rulesForSecretsAreSaid(secret: String, rules: [CHAPRule]) {
        #expect(CHAPRule.findings(user: "u", secret: CHAPSecret(secret.utf8), isMutual: false) == rules)
    }

    @Test(arguments: [" u", "u ", " "]) func aUserThatARecordWouldHoldOtherwiseIsRefused(user: String) {
        let findings = CHAPRule.findings(user: user, secret: CHAPSecret("insecret12345".utf8), isMutual: true)
        #expect(findings == [.unrecordableUser(isMutual: true)])
        #expect(findings.allSatisfy { $0.isRefusal })
    }

    @Test func refusalsComeFirst() {
        let findings = CHAPCredentials(
            user: "", secret: CHAPSecret("short".utf8), mutual: .init(user: "a\nb", secret: CHAPSecret("short".utf8))
        ).findings
        #expect(
            findings == [
                .emptyUser(isMutual: false), .unprintableUser(isMutual: true), .sameSecretInBothDirections,
                .shortSecret(isMutual: false, bytes: 5),
                .shortSecret(isMutual: true, bytes: 5),
            ])
        #expect(findings.allSatisfy { !$0.description.contains("short\"") })
    }
}
