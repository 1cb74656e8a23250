import ISCSI
import Identifiers
import Testing

@testable import Initiator

@Suite struct ScanTests {
    @Test func theCursorCountsEachAddressForEachInterface() throws {
        let ranges = [try AddressRange(parsing: "192.0.2.0/31"), try AddressRange(parsing: "192.0.2.9")]
        var cursor = ScanCursor(ranges: ranges, interfaces: [NetworkInterface(name: "a"), NetworkInterface(name: "b")], port: 860)
        var seen: [String] = []
        while let (address, interface, range) = cursor.next() { seen.append("\(address) \(interface?.name ?? "-") \(range)") }
        #expect(
            seen == [
                "192.0.2.0:860 a 0", "192.0.2.1:860 a 0", "192.0.2.9:860 a 1", "192.0.2.0:860 b 0", "192.0.2.1:860 b 0",
                "192.0.2.9:860 b 1",
            ])
    }

    @Test func eachInterfaceScansItsOwnNetworksWhereNoneIsNamed() throws {
        func network(_ last: UInt32) -> NetworkInterface.Network {
            NetworkInterface.Network(address: IPAddress(version4: 0xC000_0200 + last), prefixLength: 31)
        }
        let interfaces = [
            NetworkInterface(name: "a", networks: [Self.six, network(0)]), NetworkInterface(name: "b", networks: [network(5)]),
            NetworkInterface(name: "c", networks: [network(4)]),
        ]
        var request = DiscoveryRequest(initiator: InitiatorIdentity(name: try #require(ISCSIName("iqn.2026-11.lab.example:host"))))
        request.interfaces = interfaces
        request.ranges = try ScanNetworks.ranges(of: interfaces, among: interfaces)
        request.scansOwnNetworks = true
        var seen: [String] = []
        var cursor = request.scan
        while let (address, interface, _) = cursor.next() { seen.append("\(address.address) \(interface?.name ?? "-")") }
        #expect(seen == ["192.0.2.0 a", "192.0.2.1 a", "192.0.2.4 b", "192.0.2.5 b", "192.0.2.4 c", "192.0.2.5 c"])
        #expect(request.addressCount == seen.count)
    }

    @Test func networksThatLieInOneAnotherAreScannedOnce() throws {
        var request = DiscoveryRequest(initiator: InitiatorIdentity(name: try #require(ISCSIName("iqn.2026-11.lab.example:host"))))
        for text in ["192.0.2.64/30", "2001:db8::1", "192.0.2.0/25", "192.0.2.7", "192.0.2.128/25", "2001:db8::1", "2001:db8::2"] {
            request.add(try AddressRange(parsing: text))
        }
        #expect(request.ranges.map(\.description) == ["2001:db8::1", "192.0.2.0/25", "192.0.2.128/25", "2001:db8::2"])
    }

    @Test func aCursorOverNothingEndsAtOnce() {
        var cursor = ScanCursor(ranges: [], interfaces: [], port: 3260)
        let nothing = cursor.next()
        #expect(nothing == nil)
    }

    @Test func silentAddressesAreHeldBackAndAnswersAreNot() {
        var pace = Pace(capacity: 3, perSecond: 10, now: 0)
        let first = (0..<4).map { _ in pace.take(now: 0) }
        #expect(first == [true, true, true, false])
        #expect(pace.nextAt == 100_000_000)
        let then = [99_000_000, 100_000_000, 100_000_000].map { pace.take(now: $0) }
        #expect(then == [false, true, false])
        pace.giveBack()
        let answered = pace.take(now: 100_000_000)
        #expect(answered)
        // Whatever time passes, no more than its capacity may go together.
        let late = (0..<4).map { _ in pace.take(now: 100_000_000_000) }
        #expect(late == [true, true, true, false])
    }

    @Test func answersGiveNoMoreBackThanThereWas() {
        var pace = Pace(capacity: 2, perSecond: 1, now: 0)
        for _ in 0..<10 { pace.giveBack() }
        let taken = (0..<3).map { _ in pace.take(now: 0) }
        #expect(taken == [true, true, false])
    }

    private static let four = NetworkInterface.Network(address: IPAddress(version4: 0xC000_0205), prefixLength: 24)
    private static let six = NetworkInterface.Network(address: IPAddress(version6: 0x2001_0DB8_0000_0000, 1), prefixLength: 64)

    @Test func unlessTheyAreNamedLoopbackAndTunnelsAreNotScanned() throws {
        let wide = NetworkInterface.Network(address: IPAddress(version4: 0x0A00_0001), prefixLength: 8)
        let all = [
            NetworkInterface(name: "lo", isLoopback: true, networks: [wide]),
            NetworkInterface(name: "tun0", isPointToPoint: true, networks: [wide]),
            NetworkInterface(name: "down0", isUp: false, networks: [wide]),
            NetworkInterface(name: "eth0", networks: [Self.six, Self.four]),
            NetworkInterface(name: "eth1", networks: [Self.four]),
        ]
        #expect(try ScanNetworks.ranges(of: [], among: all).map(\.description) == ["192.0.2.0/24"])
        #expect(throws: ScanNetworks.Fault.tooLarge(interface: "tun0", network: "10.0.0.1/8", addresses: 1 << 24)) {
            try ScanNetworks.ranges(of: [all[1]], among: all)
        }
        #expect(throws: ScanNetworks.Fault.none) { try ScanNetworks.ranges(of: [], among: [all[0]]) }
    }

    @Test(arguments: [("192.0.2.128/25", true), ("192.0.0.0/16", true), ("192.0.3.0/24", false), ("10.0.0.0/16", false)])
    func aNetworkBeyondARouterIsScannedFaster(text: String, isNear: Bool) throws {
        var limits = ScanLimits()
        limits.adapt(to: [try AddressRange(parsing: text)], among: [NetworkInterface(name: "eth0", networks: [Self.four])])
        #expect((limits.silentPerSecond == ScanLimits().silentPerSecond) == isNear)
    }

    @Test func thisHostHasALoopbackInterface() throws {
        let loopback = try #require(NetworkInterface.all().first { $0.isLoopback })
        #expect(loopback.number > 0)
        #expect(loopback.networks.contains { $0.address.isLoopback && $0.prefixLength == 8 })
        let any = try #require(IPAddress("127.9.9.9"))
        #expect(NetworkInterface.holding(any, of: NetworkInterface.all())?.isLoopback == true)
    }
}
