import ISCSI
import Identifiers
import StrictJSON
import Testing

@testable import Initiator

@Suite struct TargetListTests {
    private func target(_ name: String, _ portals: (String, UInt16?)..., alias: String? = nil) throws -> DiscoveredTarget {
        DiscoveredTarget(
            name: try #require(ISCSIName(name)), spelling: name,
            portals: try portals.map { TargetPortal(address: try #require(PortalAddress($0.0)), groupTag: $0.1) }, alias: alias)
    }
    private func portal(_ text: String) -> PortalAddress { PortalAddress(text) ?? PortalAddress(host: .name("not an address: \(text)")) }

    @Test func aTargetThatSeveralSourcesNameIsOne() throws {
        var list = TargetList()
        list.add(try target("iqn.2026-11.lab.example:a", ("192.0.2.1", 1)), from: .isns)
        list.add(
            try target("iqn.2026-11.lab.example:A", ("192.0.2.1", 1)), from: .scan, reached: portal("192.0.2.1"), interface: "eth0")
        list.add(
            try target("iqn.2026-11.lab.example:a", ("192.0.2.2", 2)), from: .scan, reached: portal("192.0.2.2"), interface: "eth1")
        list.add(
            try target("iqn.2026-11.lab.example:a", ("192.0.2.2", 2)), from: .portal, reached: portal("192.0.2.2"), interface: "eth1")
        let found = list.sorted(known: KnownTargets())
        #expect(found.count == 1)
        #expect(found[0].sources == [.scan, .portal, .isns])
        #expect(
            found[0].portals == [
                .init(address: portal("192.0.2.1"), groupTag: 1, interface: "eth0"),
                .init(address: portal("192.0.2.2"), groupTag: 2, interface: "eth1"),
            ])
        #expect(found[0].spelling == "iqn.2026-11.lab.example:a")
    }

    @Test func aTargetWithoutAnAddressIsWhereItWasAskedFor() throws {
        var list = TargetList()
        list.add(try target("eui.0123456789abcdef"), from: .portal, reached: portal("192.0.2.1:860"), interface: "eth0")
        let found = list.sorted(known: KnownTargets())
        #expect(found[0].portals == [.init(address: portal("192.0.2.1:860"), interface: "eth0")])
    }

    @Test func onePortalReachedByTwoInterfacesIsTwoPortals() throws {
        var list = TargetList()
        for interface in ["eth1", "eth0"] {
            list.add(
                try target("iqn.2026-11.lab.example:a", ("192.0.2.1", 1), ("192.0.2.2", 1)), from: .scan, reached: portal("192.0.2.1"),
                interface: interface)
        }
        let portals = list.sorted(known: KnownTargets())[0].portals
        #expect(
            portals.map { "\($0.address) \($0.interface ?? "-")" } == ["192.0.2.1:3260 eth0", "192.0.2.1:3260 eth1", "192.0.2.2:3260 -"])
    }

    @Test(.timeLimit(.minutes(2))) func manyPortalsAreMergedInTimeByTheirNumber() throws {
        var list = TargetList()
        let count = 4096
        let portals = (0..<count).map { TargetPortal(address: PortalAddress(host: .ipv4(0x0A00_0000 + UInt32($0))), groupTag: 1) }
        for number in 0..<16 {
            let target = DiscoveredTarget(name: try #require(ISCSIName("iqn.2026-11.lab.example:t\(number)")), portals: portals)
            for reached in [portals[0], portals[1]] { list.add(target, from: .portal, reached: reached.address, interface: "eth0") }
        }
        let found = list.sorted(known: KnownTargets())
        #expect(found.map(\.portals.count) == [Int](repeating: count, count: 16))
        #expect(found[3].portals.prefix(3).map(\.interface) == ["eth0", "eth0", nil])
    }

    @Test func aFullListTakesNoMore() throws {
        var list = TargetList(limit: 3)
        let isKept = list.add(try target("iqn.2026-11.lab.example:a", ("192.0.2.1", 1)), from: .portal)
        #expect(isKept)
        let isWhole = list.add(try target("iqn.2026-11.lab.example:b", ("192.0.2.1", 1)), from: .portal)
        #expect(!isWhole)
        #expect(list.sorted(known: KnownTargets()).map(\.portals.count) == [1])
    }

    @Test func whatTheSecurityStageToldIsKept() throws {
        var list = TargetList()
        let (a, b, c) = (
            try target("iqn.2026-11.lab.example:a"), try target("iqn.2026-11.lab.example:b"), try target("iqn.2026-11.lab.example:c")
        )
        for target in [a, b, c] { list.add(target, from: .portal, reached: portal("192.0.2.1"), interface: nil) }
        list.learn(
            b.name, .init(authentication: .chap, alias: "the cellar", groupTag: 7), reached: portal("192.0.2.1"), interface: "eth0")
        list.learn(c.name, .init(authentication: .none), reached: portal("192.0.2.1"), interface: nil)
        let found = list.sorted(known: KnownTargets(connected: [b.name], recorded: [c.name]))
        #expect(found.map(\.authentication) == [.unknown, .chap, .none])
        #expect(found.map(\.isConnected) == [false, true, false])
        #expect(found.map(\.isRecorded) == [false, false, true])
        #expect(found[1].alias == "the cellar")
        #expect(found[1].portals == [.init(address: portal("192.0.2.1"), groupTag: 7, interface: "eth0")])
    }

    @Test func aReportIsWrittenAsTheContractHasIt() throws {
        var list = TargetList()
        list.add(
            try target("iqn.2026-11.lab.example:a", ("[2001:db8::1]:3261", 3)), from: .portal, reached: portal("192.0.2.1"),
            interface: "eth0")
        var report = DiscoveryReport()
        report.targets = list.sorted(known: KnownTargets())
        report.problems = [DiscoveryProblem(address: "192.0.2.9:3260", outcome: .refused, detail: "nobody there")]
        #expect(
            report.jsonText == """
                {"targets":[{"name":"iqn.2026-11.lab.example:a","portals":[{"address":"2001:db8::1","port":3261,"portalGroupTag":3}],\
                "sources":["portal"],"authentication":"unknown","connected":false,"recorded":false}],\
                "problems":[{"address":"192.0.2.9:3260","outcome":"refused","detail":"nobody there"}],"complete":true}
                """)
    }
}
