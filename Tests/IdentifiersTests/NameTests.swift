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

    @Test(arguments: [
        "naa.6000", "naa.6zz", "naa.9000000000000001", "naa.50000000000000017", "naa.", "eui.12", "eui.0025380102030405ff",
        "t10.", "t10.ACME", "iqn.", "nvme.", "scsi.", "naa.5000000000000000", "naa.60000000000000000000000000000000",
        "eui.0000000000000000", "uuid.00000000-0000-0000-0000-000000000000",
        "uuid.x", "uuid.0b0c0d0e-0102-0304-0506-07080900", "uuid.0b0c0d0e-0102-0304-0506-0708090a0b0x",
    ])
    func whatIsNotAsItsPrefixPromisesIsNoDesignator(text: String) { #expect(WWID(text)?.isDesignator == false) }

    @Test(arguments: [
        "naa.5000c50001234566", "naa.2001020304050607", "naa.3001020304050607", "naa.600102030405060708090a0b0c0d0e0f",
        "eui.0025380102030405",
        "eui.002538010203040500000001", "eui.00253801020304050000000100000002", "t10.IET     00010001", "t10.ACME    1",
        "uuid.0b0c0d0e-0102-0304-0506-0708090a0b0c", "nvme.1b36-64656164-51454d55-00000001", "1Linux_scsi_debug_2000", "SN 4711",
    ])
    func whatFirmwareSaysByTheRulesIsADesignator(text: String) { #expect(WWID(text)?.isDesignator == true) }
}
