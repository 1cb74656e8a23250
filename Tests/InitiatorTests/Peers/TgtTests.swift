import ISCSI
import Testing

@testable import Initiator

@Suite(.serialized, .enabled(if: !TgtPeer.isMissing, "no tgtd here, or not root"))
struct TgtTests {
    private func portal(_ text: String) -> PortalAddress { PortalAddress(text) ?? PortalAddress(host: .name("not an address: \(text)")) }

    @Test func targetsOfSeveralPortalsAreFoundByScanAndByAddress() throws {
        try TgtPeer.with(portals: 2) { peer in
            try peer.makeTarget(1, "iqn.2026-11.lab.example:open")
            try peer.makeTarget(2, "iqn.2026-11.lab.example:chap")
            try peer.wantCHAP(2, user: "inuser", secret: "insecret12345")
            try peer.makeTarget(3, "iqn.2026-11.lab.example:hidden", isOpen: false)
            let network = "\(peer.addresses[0].split(separator: ".").dropLast().joined(separator: ".")).0/24"
            let report = try Peer.discover {
                $0.ranges = [try AddressRange(parsing: network)]
                $0.portals = [portal(peer.addresses[1])]
            }
            #expect(report.end == .finished)
            #expect(report.problems.isEmpty)
            #expect(report.progress.tried == 256)
            #expect(report.targets.map(\.spelling) == ["iqn.2026-11.lab.example:chap", "iqn.2026-11.lab.example:open"])
            #expect(report.targets.map(\.authentication) == [.chap, .none])
            for target in report.targets {
                #expect(
                    target.portals
                        == [
                            .init(address: portal(peer.addresses[0]), groupTag: 1, interface: "lo"),
                            .init(address: portal(peer.addresses[1]), groupTag: 1, interface: "lo"),
                        ].sorted())
                #expect(target.sources == [.scan, .portal])
            }
        }
    }

    @Test func targetsShowThemselvesToNamesAndAddressesThatTheyKnow() throws {
        try TgtPeer.with { peer in
            try peer.makeTarget(1, "iqn.2026-11.lab.example:by-name", isOpen: false)
            try peer.allow(1, name: "iqn.2026-11.lab.example:hostA")
            try peer.makeTarget(2, "iqn.2026-11.lab.example:by-address", isOpen: false)
            try peer.allow(2, address: "127.0.0.0/8")
            try peer.makeTarget(3, "iqn.2026-11.lab.example:elsewhere", isOpen: false)
            try peer.allow(3, address: "192.0.2.0/24")
            let known = try Peer.discover(initiator: "iqn.2026-11.lab.example:hostA") { $0.portals = [portal(peer.addresses[0])] }
            #expect(known.targets.map(\.spelling) == ["iqn.2026-11.lab.example:by-address", "iqn.2026-11.lab.example:by-name"])
            #expect(known.targets.map(\.authentication) == [.none, .none])
            // tgt compares bytes: a name in lower case is somebody else's.
            let other = try Peer.discover(initiator: "iqn.2026-11.lab.example:hosta") { $0.portals = [portal(peer.addresses[0])] }
            #expect(other.targets.map(\.spelling) == ["iqn.2026-11.lab.example:by-address"])
        }
    }

    @Test func aThousandTargetsOfOnePortalAreAllListed() throws {
        try TgtPeer.with { peer in
            for number in 1...1000 { try peer.makeTarget(number, "iqn.2026-11.lab.example:target-\(number)") }
            let report = try Peer.discover { $0.portals = [portal(peer.addresses[0])] }
            #expect(report.targets.count == 1000)
            #expect(report.problems.isEmpty)
            #expect(report.notes.contains { $0.hasPrefix("1000 targets were not asked") })
            let asked = try Peer.discover {
                $0.portals = [portal(peer.addresses[0])]
                $0.authenticationCheck = .all
            }
            #expect(asked.targets.count == 1000)
            #expect(asked.targets.allSatisfy { $0.authentication == .none })
        }
    }

    @Test func discoveryThatWantsCHAPGetsIt() throws {
        try TgtPeer.with { peer in
            try peer.makeTarget(1, "iqn.2026-11.lab.example:a")
            // The discovery session's own accounts: those of target 0 do not exist, but global ones do.
            try peer.tgtadm("--mode", "account", "--op", "new", "--user", "finder", "--password", "findsecret123")
            try peer.tgtadm("--mode", "sys", "--op", "show")
            let credentials = CHAPCredentials(user: "finder", secret: CHAPSecret(Array("findsecret123".utf8)))
            let report = try Peer.discover {
                $0.portals = [portal(peer.addresses[0])]
                $0.credentials = credentials
            }
            // A portal that wants none takes a login with credentials all the same.
            #expect(report.targets.map(\.spelling) == ["iqn.2026-11.lab.example:a"])
            #expect(report.problems.isEmpty)
        }
    }
}
