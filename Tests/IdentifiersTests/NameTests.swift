import Identifiers
import Testing

@Suite struct WorldWideNameTests {
    @Test(arguments: [
        "50:06:01:60:3b:a0:12:34", "50060160-3BA01234".replacing("-", with: ""), "0x500601603ba01234", "naa.500601603BA01234",
        "50-06-01-60-3b-a0-12-34",
    ])
    func everyCommonSpellingIsAccepted(text: String) {
        #expect(WWN(text)?.description == "50:06:01:60:3b:a0:12:34")
    }

    @Test(arguments: [
        "", "50:06:01:60:3b:a0:12", "500601603ba0123", "500601603ba01234a", "5:006:01:60:3b:a0:12:34", "+00601603ba01234",
        "zz:06:01:60:3b:a0:12:34",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(WWN(text) == nil)
    }
}

@Suite struct InitiatorNameTests {
    @Test(arguments: [
        ("iqn.1993-08.org.debian:01:ABCdef", "iqn.1993-08.org.debian:01:abcdef"), ("eui.02004567A425678D", "eui.02004567a425678d"),
        ("naa.52004567BA64678D", "naa.52004567ba64678d"), ("nqn.2014-08.org.nvmexpress:uuid:1-2", "nqn.2014-08.org.nvmexpress:uuid:1-2"),
        ("21000024FF3F1A2B", "21:00:00:24:ff:3f:1a:2b"),
    ])
    func namesAreNormalised(text: String, expected: String) {
        #expect(InitiatorName(text)?.description == expected)
    }

    @Test(arguments: [
        "", "iqn.", "iqn.1993-13.org.x", "iqn.93-08.org", "iqn.1993-08.org debian", "iqn.1993-08.org_debian", "eui.123", "naa.xyz", "nqn.x",
        "iqn.1993-08." + String(repeating: "a", count: 223),
    ])
    func malformedNamesAreRefused(text: String) {
        #expect(InitiatorName(text) == nil)
    }
}

@Suite struct WWIDTests {
    @Test(arguments: [
        ("360014051234567890123456789012345", "naa.60014051234567890123456789012345"),
        ("naa.60014051234567890123456789012345", "naa.60014051234567890123456789012345"),
        ("NAA.6001405ABCDEF7890123456789012345", "naa.6001405abcdef7890123456789012345"),
        ("0x6001405abcdef7890123456789012345", "naa.6001405abcdef7890123456789012345"),
        ("eui.0025388B710116A1", "eui.0025388b710116a1"), ("t10.ATA     disk 1  \n", "t10.ATA     disk 1"),
        ("360000000000000000e00000000010001", "naa.60000000000000000e00000000010001"),
        ("3600140512345678901234567890123456", "3600140512345678901234567890123456"),
    ])
    func spellingsOfOneIdentityAreEqual(text: String, expected: String) {
        #expect(WWID(text)?.description == expected)
    }

    @Test func emptyAndControlCharactersAreRefused() {
        #expect(WWID("") == nil)
        #expect(WWID("  \n") == nil)
        #expect(WWID("a\u{1}b") == nil)
    }
}
