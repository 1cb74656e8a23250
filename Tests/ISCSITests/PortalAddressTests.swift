import ISCSI
import Testing

@Suite struct PortalAddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1:3260"), ("192.0.2.1:860", "192.0.2.1:860"), ("[2001:DB8::1]", "[2001:db8::1]:3260"),
            ("2001:db8:0:0::1", "[2001:db8::1]:3260"),
            ("[fe80::1%eth0]:3261", "[fe80::1%eth0]:3261"), ("Array.Example.", "array.example:3260"), ("san_1:3261", "san_1:3261"),
            ("::", "[::]:3260"),
            ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]:3260"), ("0.0.0.0", "0.0.0.0:3260"),
        ])
    func addressesAreReadAndPrinted(text: String, printed: String) {
        #expect(PortalAddress(text)?.description == printed)
        #expect(PortalAddress(printed)?.description == printed)
    }

    @Test(
        arguments: [
            "", ":3260", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+1", "192.0.2", "192.0.2.256", "192.0.2.01",
            "1.2.3.4.5", "[192.0.2.1]", "[2001:db8::1",
            "[2001:db8::1]3260", "[2001:db8::1]:", "2001:db8::1::2", "a b", "-a.example", "a-.example", "a..example", "a.example:3260:1",
            "fe80::1%", "fe80::1%a/b", "fe80::1%eth0]:860,1",
            String(repeating: "a", count: 64) + ".example", "192.0.2.1,1", "a\u{1B}b",
        ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(PortalAddress(text) == nil)
    }

    @Test func addressesStandInTheirOrder() {
        let texts = ["9.0.0.1", "10.0.0.1", "10.0.0.1:3261", "[2001:db8::9]", "[2001:db8::10]", "a.example"]
        let addresses = texts.compactMap { PortalAddress($0) }
        #expect(addresses.count == texts.count && addresses.shuffled().sorted() == addresses)
    }
}
