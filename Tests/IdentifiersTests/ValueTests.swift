import Identifiers
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("500GiB", Int64(500) << 30), ("1.5 TiB", Int64(3) << 39), ("20GB", 20_000_000_000), ("4096", 4096), ("1k", 1024), ("0", 0),
        ("9223372036854775807", .max),
    ])
    func sizesAreRead(text: String, bytes: Int64) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "GiB", "-1", "1.2.3", "12 parsecs", "9223372036854775808", "9EiB9", "8EiB", "1e3", "٣"])
    func otherTextIsRefused(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(arguments: [(Int64(0), "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (Int64(1) << 40, "1.0 TiB"), (1_500_000_000, "1.4 GiB")])
    func sizesForPeopleAreInIECUnits(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}

@Suite struct FingerprintTests {
    @Test func bothSpellingsReadBack() throws {
        let fingerprint = try #require(Fingerprint(bytes: (0..<32).map { UInt8($0 * 7) }))
        #expect(Fingerprint(fingerprint.description) == fingerprint)
        #expect(Fingerprint(fingerprint.hexadecimal) == fingerprint)
        #expect(fingerprint.description.hasPrefix("SHA256:"))
        #expect(fingerprint.description.utf8.count == 50)
    }

    @Test(arguments: [
        "", "SHA256:", "SHA256:AAAA", "SHA256:" + String(repeating: "A", count: 42) + "B", String(repeating: "g", count: 64), "abc",
    ])
    func otherTextIsRefused(text: String) {
        #expect(Fingerprint(text) == nil)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2026-11-21T07:30:00Z", 1_795_246_200_000_000),
        ("2024-02-29T23:59:59.5Z", 1_709_251_199_500_000),
        ("2026-11-21T08:30:00+01:00", 1_795_246_200_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func timesAreRead(text: String, microseconds: Int64) throws {
        let time = try #require(Timestamp(text))
        #expect(time.microseconds == microseconds)
        #expect(Timestamp(time.description) == time)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T07:30:00", "2026-13-21T07:30:00Z", "2026-11-21T24:30:00Z", "2026-11-21T07:30:00.Z",
        "2026-11-21T07:30:00Zx",
        "2026-11-21T07:30:00+1:00", "1969-12-31T23:59:59Z", "2026-11-21 07:30:00Z",
    ])
    func otherTextIsRefused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func durationsAddAndSubtract() throws {
        let time = try #require(Timestamp("2026-11-21T07:30:00Z"))
        #expect((time + .seconds(90)).description == "2026-11-21T07:31:30Z")
        #expect((time - .milliseconds(1)).description == "2026-11-21T07:29:59.999000Z")
        #expect((time + .seconds(5)) - time == .seconds(5))
    }
}

@Suite struct IdentifierTests {
    @Test func newIDsDifferAndReadBack() {
        let (first, second) = (HostID.random(), HostID.random())
        #expect(first != second)
        #expect(first.text.hasPrefix("host-"))
        #expect(HostID(first.text) == first)
    }

    @Test(arguments: ["", "a b", "a/b", "é", "a\n", String(repeating: "x", count: 129)])
    func textThatCannotBeAnIDIsRefused(text: String) {
        #expect(HostID(text) == nil)
    }
}
