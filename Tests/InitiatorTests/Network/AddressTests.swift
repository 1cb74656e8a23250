import ISCSI
import Testing

@testable import Initiator

@Suite struct AddressTests {
    @Test(arguments: ["192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::1", "fe80::1", "::"])
    func anAddressIsPrintedAsItIsWritten(text: String) throws {
        #expect(try #require(IPAddress(text)).description == text)
    }

    @Test func anIPv4AddressInIPv6sClothesIsIPv4() throws {
        #expect(try #require(IPAddress("::ffff:192.0.2.1")).description == "192.0.2.1")
        #expect(try #require(IPAddress("::192.0.2.1")).family == .version6)
    }

    @Test(arguments: ["", "192.0.2", "192.0.2.256", "192.0.2.1.", "[::1]", "::1%lo", "fe80::1::2", "host", "192.0.2.1\u{0}", "١.٢.٣.٤"])
    func whatIsNoAddressIsRefused(text: String) { #expect(IPAddress(text) == nil) }

    @Test func addressesOfOneFamilyAreOrderedAsNumbers() throws {
        let texts = ["10.0.0.2", "10.0.0.10", "192.0.2.1", "::1", "2001:db8::2", "2001:db8::10"]
        let addresses = try texts.map { try #require(IPAddress($0)) }
        #expect(addresses.shuffled().sorted() == addresses)
    }

    @Test(arguments: ["192.0.2.1:3260", "[2001:db8::1]:860", "127.0.0.1:1"])
    func theKernelsFormLeadsBack(text: String) throws {
        let portal = try #require(PortalAddress(text))
        let socket = try #require(portal.socket(among: []))
        #expect(socket.description == text)
        #expect(socket.withKernelForm { form, _ in SocketAddress(kernelForm: form) } == socket)
        #expect(PortalAddress(socket) == portal)
    }

    @Test(arguments: [
        ("192.0.2.1", AddressReach.network), ("2001:db8::1", .network), ("fd00::1", .network), ("127.0.0.1", .host), ("127.9.9.9", .host),
        ("0.0.0.0", .host), ("::1", .host), ("::", .host), ("169.254.1.1", .link), ("169.253.1.1", .network), ("fe80::1", .link),
        ("224.0.0.1", .many), ("239.255.255.255", .many), ("255.255.255.255", .many), ("ff02::1", .many),
    ])
    func anAddressReachesSoFar(text: String, reach: AddressReach) throws {
        let address = try #require(IPAddress(text))
        #expect(address.reach == reach)
        let network = try #require(IPAddress("198.51.100.1"))
        #expect(network.maySend(to: address) == (reach == .network))
        #expect(address.maySend(to: address) == (reach != .many))
    }

    @Test func aZoneThatIsNoInterfaceOfThisHostIsFound() throws {
        let portal = try #require(PortalAddress("[fe80::1%nope]:3260"))
        #expect(portal.unknownZone(among: [NetworkInterface(name: "eth7", number: 9)]) == "nope")
        #expect(portal.unknownZone(among: [NetworkInterface(name: "nope", number: 9)]) == nil)
    }

    @Test func aLinkLocalAddressKeepsItsInterface() throws {
        let portal = try #require(PortalAddress("[fe80::1%eth7]:3260"))
        let socket = try #require(portal.socket(among: [NetworkInterface(name: "eth7", number: 9)]))
        #expect(socket.scope == 9)
        #expect(socket.withKernelForm { form, _ in SocketAddress(kernelForm: form) } == socket)
    }

    @Test func aNameIsNoSocket() throws {
        let portal = try #require(PortalAddress("array.example"))
        #expect(portal.socket(among: []) == nil)
        #expect(portal.hostName == "array.example")
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.0/24", 256), ("192.0.2.77/24", "192.0.2.0/24", 256), ("10.1.0.0/16", "10.1.0.0/16", 65_536),
        ("192.0.2.7", "192.0.2.7", 1), ("192.0.2.7/32", "192.0.2.7", 1), ("255.255.255.255/31", "255.255.255.254/31", 2),
        ("2001:db8::1", "2001:db8::1", 1), ("2001:db8::1/128", "2001:db8::1", 1),
    ])
    func aNetworkHasAllItsAddresses(text: String, printed: String, count: Int) throws {
        let range = try AddressRange(parsing: text)
        #expect(range.description == printed)
        #expect(range.count == count)
        #expect(range[0] == range.first)
        #expect(Set((0..<min(count, 300)).map { range[$0] }).count == min(count, 300))
    }

    @Test(arguments: ["", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/24/8", "array/24", "192.0.2/24"])
    func whatIsNoNetworkIsRefused(text: String) {
        #expect(throws: AddressRange.Fault.malformed(text)) { try AddressRange(parsing: text) }
    }

    @Test func aNetworkIsAtMostASixteen() {
        #expect(throws: AddressRange.Fault.tooLarge("10.0.0.0/15", addresses: 131_072)) { try AddressRange(parsing: "10.0.0.0/15") }
        #expect(throws: AddressRange.Fault.tooLarge("0.0.0.0/0", addresses: 1 << 32)) { try AddressRange(parsing: "0.0.0.0/0") }
        #expect(throws: AddressRange.Fault.version6Network("2001:db8::/64")) { try AddressRange(parsing: "2001:db8::/64") }
    }
}
