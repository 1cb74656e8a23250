import Testing

@testable import Identifiers

/// RFC 3722, against Python's stringprep and Unicode 3.2: the digests are those that `Tests/Tools/make-iscsi-name-tables --vectors` prints.
@Suite struct NamePreparationTests {
    @Test(
        arguments: [
            ("iqn.2001-04.com.EXAMPLE", "iqn.2001-04.com.example"), ("ｉｑｎ．２００１－０４：ａ", "iqn.2001-04:a"), ("straße", "strasse"),
            ("a\u{AD}b\u{200B}c", "abc"), ("e\u{301}", "é"), ("É", "é"), ("ﬁ", "fi"), ("Å", "å"), ("ΑΒΓ", "αβγ"), ("가", "가"),
            ("\u{1100}\u{1161}\u{11A8}", "각"), ("日本語", "日本語"), ("a\u{323}\u{307}", "ạ\u{307}"), ("a\u{307}\u{323}", "ạ\u{307}"), ("①", "1"),
        ])
    func namesThatLookAlikeBecomeEqual(text: String, prepared: String) {
        #expect(NamePreparation.prepare(text).map { Array($0.utf8) } == Array(prepared.utf8))
    }

    @Test(
        arguments: [
            "a b", "a_b", "a/b", "a\u{7F}", "a\u{A0}b", "a\u{3002}b", "a\u{200E}b", "a\u{E001}b", "\u{FFFD}", "a\u{2FF0}", "א:a", "aא",
            "1א", "\u{1F600}",
            "\u{0221}", "a,b", "(a)", "⑴",
        ])
    func whatTheProfileProhibitsIsRefused(text: String) {
        #expect(NamePreparation.prepare(text) == nil)
    }

    @Test func everyCharacterIsPreparedAsThePeerPreparesIt() {
        var digest = Digest()
        for value in [Array(UInt32(0)..<0x20000), Array(0x2F800..<0x2FB00), Array(0xE0000..<0xE0200)].joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            digest.add(NamePreparation.prepare(String(Character(scalar))))
        }
        #expect(digest.value == 0xE5E9_A8D9_B1D6_AE55)
    }

    @Test func charactersChangeOneAnotherAsWithThePeer() {
        var state: UInt64 = 2026
        func draw(_ count: UInt64) -> UInt32 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt32((state >> 33) % count)
        }
        var digest = Digest()
        var taken = 0
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<(1 + draw(6)) {
                let value =
                    switch draw(4) {
                    case 0: 0x41 + draw(0x17F - 0x41)
                    case 1: 0x300 + draw(0x45)
                    case 2: 0x1100 + draw(0x100)
                    default: 0x390 + draw(0x1C00)
                    }
                if let scalar = Unicode.Scalar(value) { text.append(scalar) }
            }
            let prepared = NamePreparation.prepare(String(text))
            if prepared != nil { taken += 1 }
            digest.add(prepared)
        }
        #expect(taken == 11203)
        #expect(digest.value == 0x57DD_5CC7_A9F6_9FB2)
    }

    /// FNV-1a, 64 bits.
    private struct Digest {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func add(_ text: String?) {
            for byte in (text.map { Array($0.utf8) } ?? [0xFF]) + [0] { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }
}
