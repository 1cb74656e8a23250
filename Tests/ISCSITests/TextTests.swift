import ISCSI
import Testing

@Suite struct TextTests {
    @Test func pairsAreReadWithWhatTargetsAddToThem() throws {
        let keys = try TextKeys(Array("A=1\0\0B=\0C=x=y\0D=last".utf8))
        #expect(keys.pairs.map(\.key) == ["A", "B", "C", "D"])
        #expect(keys.pairs.map(\.text) == ["1", "", "x=y", "last"])
        #expect(try keys.values()["C"] == "x=y")
        #expect(try TextKeys([0, 0, 0]).pairs.isEmpty)
    }

    @Test(
        arguments: [
            ("no equals sign", "no equals\0"), ("no key", "=1\0"), ("a space in a key", "a b=1\0"),
            ("a key of 64 bytes", String(repeating: "k", count: 64) + "=1\0"),
            ("a value of 8193 bytes", "K=" + String(repeating: "v", count: 8193) + "\0"), ("a control character", "\u{1B}[2J=1\0"),
            ("too many keys", (0..<257).map { "k\($0)=1\0" }.joined()),
        ])
    func malformedTextIsRefused(what: String, text: String) {
        #expect(throws: ISCSIFault.self, "\(what)") { try TextKeys(Array(text.utf8)) }
    }

    @Test func aKeyStandsOnceInANegotiation() throws {
        let keys = try TextKeys(Array("HeaderDigest=None\0HeaderDigest=CRC32C\0".utf8))
        #expect(throws: ISCSIFault.violation(expected: "each key once", found: "HeaderDigest twice")) { try keys.values() }
        #expect(throws: ISCSIFault.violation(expected: "text in the value of K", found: "\\xfffd")) {
            try TextKeys(Array("K=".utf8) + [0xFF, 0]).values()
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("65535", 65535), ("0x1f", 31), ("0XFF", 255), ("", nil), ("-1", nil), ("+1", nil), ("4294967296", nil), ("1 ", nil),
            ("0x", nil), ("1a", nil),
            ("00000000001", nil),
        ] as [(String, UInt32?)])
    func numbersAreDecimalOrHexadecimal(text: String, value: UInt32?) {
        #expect(TextValue.number(text) == value)
    }

    @Test(
        arguments: [
            ("0x0102", [1, 2]), ("0X0aF", [0, 0xAF]), ("0bAQI=", [1, 2]), ("0BAQID", [1, 2, 3]), ("0bAQ==", [1]), ("0x", nil), ("0b", nil),
            ("0102", nil), ("0xzz", nil),
            ("0bAQI", nil), ("0bA===", nil), ("0bAR==", nil), ("0b=QI=", nil), ("0bAQ=I", nil), ("0x0102030405", nil), ("0bAQIDBAU=", nil),
            ("", nil),
        ] as [(String, [UInt8]?)])
    func binaryValuesAreHexadecimalOrBase64(text: String, bytes: [UInt8]?) {
        #expect(TextValue.binary(text, limit: 4) == bytes)
        if let bytes { #expect(TextValue.binary(TextValue.hexadecimal(bytes), limit: 4) == bytes) }
    }

    @Test func whatAPeerSentIsShownWithoutWhatATerminalObeys() {
        #expect(WireText.excerpt("a\u{1B}[31m\n\u{202E}b".utf8) == "a\\x1b[31m\\x0a\\x202eb")
        #expect(WireText.excerpt(String(repeating: "x", count: 70)) == String(repeating: "x", count: 64) + "…")
    }

    @Test(
        arguments: [
            "TargetAddress=192.0.2.1,1\0", "TargetName\0", "TargetName=iqn.2026-11.lab.example:a\0=\0",
        ])
    func aListThatIsNoneIsRefused(text: String) {
        #expect(throws: ISCSIFault.self) { try SendTargetsText(Array(text.utf8)) }
    }
}
