import Glibc
import ISCSI
import Identifiers
import Testing

@testable import Initiator

/// A discovery's decisions, without a socket: what it connects to, and what it makes of how that ends.
@Suite struct DiscoveryClientTests {
    private static let name = ISCSIName("iqn.2026-11.lab.example:host")

    private func client(_ fill: (inout DiscoveryRequest) throws -> Void) throws -> DiscoveryClient {
        var request = DiscoveryRequest(initiator: InitiatorIdentity(name: try #require(Self.name)))
        try fill(&request)
        var client = DiscoveryClient(request, hostInterfaces: [])
        client.begin(now: 0)
        return client
    }
    private func opened(_ client: inout DiscoveryClient) throws -> ConnectionRequest<DiscoveryErrand> {
        let request = client.next(now: 0)
        return try #require(request)
    }
    private func portal(_ text: String) -> PortalAddress { PortalAddress(text) ?? PortalAddress(host: .name("not an address: \(text)")) }
    private func target(_ text: String, _ portals: String...) throws -> DiscoveredTarget {
        DiscoveredTarget(
            name: try #require(ISCSIName(text)), portals: portals.map { TargetPortal(address: portal($0), groupTag: 1) })
    }
    private func probe() throws -> DiscoveryTalk {
        .probe(SecurityProbe(initiator: InitiatorIdentity(name: try #require(Self.name)), target: "x", random: .kernel))
    }

    @Test func whatIsNamedComesBeforeTheScan() throws {
        var client = try client {
            $0.ranges = [try AddressRange(parsing: "192.0.2.0/31")]
            $0.portals = [portal("192.0.2.8"), portal("[2001:db8::1]:860")]
            $0.servers = [PortalAddress(host: .ipv4(0xC000_0209), port: ISCSIPort.isns)]
        }
        var seen: [String] = []
        while let request = client.next(now: 0) { seen.append("\(request.address)\(request.isGuess ? "?" : "")") }
        #expect(seen == ["192.0.2.9:3205", "192.0.2.8:3260", "[2001:db8::1]:860", "192.0.2.0:3260?", "192.0.2.1:3260?"])
    }

    @Test(arguments: [ConnectionEnd<DiscoveryTalk>.unreachable(errno: ECONNREFUSED), .unreachable(errno: EHOSTUNREACH), .silent])
    func anAddressOfAScanThatDoesNotAnswerIsNoProblem(end: ConnectionEnd<DiscoveryTalk>) throws {
        var client = try client { $0.ranges = [try AddressRange(parsing: "192.0.2.0/31")] }
        let request = try opened(&client)
        client.ended(request.errand, end)
        if case .silent = end {
            // A SYN may have been lost: it is tried once more, and the pace has counted it.
            #expect(client.progress.tried == 0)
            let again = try opened(&client)
            #expect(again.address == request.address)
            #expect(again.isGuess && again.isRepeated)
            client.ended(again.errand, end)
        }
        client.finish()
        #expect(client.problems.isEmpty)
        #expect(client.progress.tried == 1)
    }

    /// Nothing is known of its addresses then; it is said once.
    @Test func aHostWithoutRoomForConnectionsIsAProblemOfTheNetwork() throws {
        var client = try client { $0.ranges = [try AddressRange(parsing: "192.0.2.0/30")] }
        while let request = client.next(now: 0) { client.ended(request.errand, .unreachable(errno: EMFILE)) }
        client.finish()
        #expect(client.problems.map(\.address) == ["192.0.2.0/30"])
        #expect(client.problems.allSatisfy { $0.outcome == .initiatorMisconfigured && $0.isNamed && $0.detail.contains("ulimit -n") })
    }

    @Test func aNetworkWithoutARouteIsOne() throws {
        var client = try client { $0.ranges = [try AddressRange(parsing: "192.0.2.0/30")] }
        while let request = client.next(now: 0) { client.ended(request.errand, .unreachable(errno: ENETUNREACH)) }
        client.finish()
        #expect(client.problems.map(\.address) == ["192.0.2.0/30"])
        #expect(client.problems.map(\.outcome) == [.unreachable])
    }

    @Test(arguments: [
        (ConnectionEnd<DiscoveryTalk>.unreachable(errno: ECONNREFUSED), ISCSIOutcome.refused),
        (.unreachable(errno: EHOSTUNREACH), .unreachable),
        (.silent, .unreachable), (.timedOut, .timedOut),
    ])
    func aNamedPortalThatDoesNotAnswerIsAProblem(end: ConnectionEnd<DiscoveryTalk>, outcome: ISCSIOutcome) throws {
        var client = try client { $0.portals = [portal("192.0.2.8")] }
        let request = try opened(&client)
        client.ended(request.errand, end)
        #expect(client.problems.map(\.outcome) == [outcome])
        #expect(client.problems.map(\.address) == ["192.0.2.8:3260"])
        #expect(client.problems.map(\.isNamed) == [true])
    }

    @Test func whereNoServerAnswersItsOutcomeSaysSo() throws {
        var client = try client { $0.servers = [portal("192.0.2.8:3205")] }
        let request = try opened(&client)
        client.ended(request.errand, .unreachable(errno: ECONNREFUSED))
        #expect(client.problems.map(\.outcome) == [.isnsServerNotFound])
    }

    @Test func aPortalOfAScanThatAnswersWronglyIsAProblem() throws {
        var client = try client { $0.ranges = [try AddressRange(parsing: "192.0.2.7")] }
        let request = try opened(&client)
        client.ended(request.errand, .failed(.notISCSI(found: "HTTP"), try probe()))
        #expect(client.problems.map(\.outcome) == [.notAnISCSIPortal])
        #expect(client.problems.map(\.isNamed) == [false])
    }

    @Test func aRedirectionIsFollowedAndACircleFound() throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        for next in ["192.0.2.2", "192.0.2.3", "192.0.2.1"] {
            let request = try opened(&client)
            client.ended(request.errand, .failed(.redirected(to: portal(next), isPermanent: false), try probe()))
        }
        let hasNext = client.next(now: 0) != nil
        #expect(!hasNext)
        #expect(client.problems.map(\.outcome) == [.redirectedInACircle])
        #expect(client.problems.map(\.address) == ["192.0.2.1:3260"])
    }

    @Test func aWayWithoutEndIsGivenUp() throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        var count = 0
        while let request = client.next(now: 0) {
            count += 1
            client.ended(request.errand, .failed(.redirected(to: portal("192.0.2.\(count + 1)"), isPermanent: true), try probe()))
        }
        #expect(count == DiscoveryClient.maximumRedirections + 1)
        #expect(client.problems.map(\.outcome) == [.redirectedInACircle])
    }

    @Test func eachTargetIsAskedForItsAuthenticationOnce() throws {
        var client = try client { $0.portals = [portal("192.0.2.1"), portal("192.0.2.2")] }
        let found = [try target("iqn.2026-11.lab.example:a", "192.0.2.9", "192.0.2.1")]
        let both = [try opened(&client), try opened(&client)]
        for request in both { client.ended(request.errand, .answered(.targets(found, unusable: [], algorithm: nil))) }
        let (one, two) = (client.next(now: 0), client.next(now: 0))
        let probes = [one, two].compactMap { $0 }
        #expect(probes.map(\.address.description) == ["192.0.2.1:3260"])
        // What its security stage does not tell is not known, and no more than that.
        client.ended(probes[0].errand, .failed(.targetNotFound, try probe()))
        #expect(client.problems.isEmpty)
    }

    @Test func aTargetOfAServerIsAskedAtTheFirstOfItsPortalsThatAnswers() throws {
        var client = try client { $0.servers = [portal("192.0.2.8:3205")] }
        let server = try opened(&client)
        let found = [try target("iqn.2026-11.lab.example:a", "192.0.2.1", "192.0.2.2", "192.0.2.3")]
        client.ended(server.errand, .answered(.targets(found, unusable: [], algorithm: nil)))
        let first = try opened(&client)
        #expect(first.address.description == "192.0.2.1:3260")
        client.ended(first.errand, .silent)
        let second = try opened(&client)
        #expect(second.address.description == "192.0.2.2:3260")
        client.ended(second.errand, .answered(.security(.init(authentication: .chap))))
        let hasNext = client.next(now: 0) != nil
        #expect(!hasNext)
        #expect(client.targets.sorted(known: KnownTargets()).map(\.authentication) == [.chap])
    }

    @Test func aLongListIsNotAskedUnlessThatIsWanted() throws {
        let found = try (0...DiscoveryRequest.automaticChecks).map { try target("iqn.2026-11.lab.example:t\($0)") }
        for (check, probes) in [(DiscoveryRequest.AuthenticationCheck.auto, 0), (.all, found.count), (.none, 0)] {
            var client = try client {
                $0.portals = [portal("192.0.2.1")]
                $0.authenticationCheck = check
            }
            let request = try opened(&client)
            client.ended(request.errand, .answered(.targets(found, unusable: [], algorithm: nil)))
            var count = 0
            while client.next(now: 0) != nil { count += 1 }
            #expect(count == probes)
            #expect(client.unasked == (check == .auto ? found.count : 0))
            #expect(client.targets.count == found.count)
        }
    }

    /// The bound is of each portal, however many there are.
    @Test func eachPortalWithFewTargetsHasThemAsked() throws {
        func targets(_ range: Range<Int>) throws -> [DiscoveredTarget] {
            try range.map { try target("iqn.2026-11.lab.example:t\($0)") }
        }
        var client = try client { $0.portals = [portal("192.0.2.1"), portal("192.0.2.2"), portal("192.0.2.3")] }
        let requests = [try opened(&client), try opened(&client), try opened(&client)]
        // The second lists as many as may be, the third one more; ten of those are the first's too.
        for (request, range) in zip(requests, [0..<100, 100..<228, 90..<219]) {
            client.ended(request.errand, .answered(.targets(try targets(range), unusable: [], algorithm: nil)))
        }
        var probes: [String: Int] = [:]
        while let probe = client.next(now: 0) { probes["\(probe.errand.address)", default: 0] += 1 }
        #expect(probes == ["192.0.2.1:3260": 100, "192.0.2.2:3260": 128])
        #expect(client.unasked == 0)
        client.ended(requests[2].errand, .answered(.targets(try targets(200..<400), unusable: [], algorithm: nil)))
        #expect(client.unasked == 172)
    }

    @Test func aPortalsWordForOthersIsNotEnoughToConnectThere() throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        let request = try opened(&client)
        let found = [try target("iqn.2026-11.lab.example:a", "192.0.2.9", "198.51.100.7:22", "127.0.0.1:2222")]
        client.ended(request.errand, .answered(.targets(found, unusable: [], algorithm: nil)))
        let check = try opened(&client)
        #expect(check.address.description == "192.0.2.1:3260")
        client.ended(check.errand, .unreachable(errno: ECONNREFUSED))
        let hasNext = client.next(now: 0) != nil
        #expect(!hasNext)
    }

    @Test func aServersPortalsOfThisHostAreNotAsked() throws {
        var client = try client { $0.servers = [portal("192.0.2.8:3205")] }
        let server = try opened(&client)
        let found = [try target("iqn.2026-11.lab.example:a", "127.0.0.1", "169.254.169.254:80", "192.0.2.2")]
        client.ended(server.errand, .answered(.targets(found, unusable: [], algorithm: nil)))
        let check = try opened(&client)
        #expect(check.address.description == "192.0.2.2:3260")
        client.ended(check.errand, .silent)
        let hasNext = client.next(now: 0) != nil
        #expect(!hasNext)
    }

    @Test(arguments: [
        ("127.0.0.1:2222", "this host itself"), ("0.0.0.0", "this host itself"), ("[::1]", "this host itself"),
        ("[::ffff:127.0.0.1]", "this host itself"), ("169.254.169.254:80", "an address that is good on one link only"),
        ("224.0.0.1", "a multicast or broadcast address"), ("255.255.255.255", "a multicast or broadcast address"),
    ])
    func aRedirectionToThisHostIsToldAndNotFollowed(address: String, reach: String) throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        let request = try opened(&client)
        client.ended(request.errand, .failed(.redirected(to: portal(address), isPermanent: false), try probe()))
        let hasNext = client.next(now: 0) != nil
        #expect(!hasNext)
        #expect(
            client.problems == [
                DiscoveryProblem(
                    address: "192.0.2.1:3260", outcome: .notAnISCSIPortal,
                    detail: "it sends the login on to \(reach): not followed (sent on to \(portal(address)))", isNamed: true)
            ])
    }

    @Test func aPortalOfThisHostMaySendItOnToAnother() throws {
        var client = try client { $0.portals = [portal("127.0.0.9")] }
        let request = try opened(&client)
        client.ended(request.errand, .failed(.redirected(to: portal("127.0.0.10"), isPermanent: false), try probe()))
        let next = try opened(&client)
        #expect(next.address.description == "127.0.0.10:3260")
    }

    @Test func ofManyUnusableEntriesAFewAreToldAndTheRestCounted() throws {
        var client = try client { $0.ranges = [try AddressRange(parsing: "192.0.2.0/31")] }
        let unusable = (0..<1024).map { UnusableEntry(text: "no name \($0)", expected: "an iSCSI name") }
        while let request = client.next(now: 0) {
            client.ended(request.errand, .answered(.targets([], unusable: unusable, algorithm: nil)))
        }
        #expect(client.problems.count == 2 * (DiscoveryClient.maximumUnusable + 1))
        #expect(client.problems.last?.detail == "1016 more of its names and addresses are none; the rest of its list is used")
    }

    @Test func ofAListThatIsCutShortTheRestIsUsedAndTheBoundIsTold() throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        let request = try opened(&client)
        client.ended(
            request.errand,
            .answered(
                .targets(
                    [try target("iqn.2026-11.lab.example:a")], unusable: [], algorithm: nil,
                    bounds: [ReachedBound("portals of one target", limit: 4096)])))
        #expect(client.targets.count == 1)
        #expect(client.problems.map(\.outcome) == [.listCutShort])
        #expect(client.problems.first?.detail == "more than 4096 portals of one target came; what is beyond is left out")
    }

    @Test func whatCannotBeUsedOfAListIsToldAndTheRestIsUsed() throws {
        var client = try client { $0.portals = [portal("192.0.2.1")] }
        let request = try opened(&client)
        client.ended(
            request.errand,
            .answered(
                .targets(
                    [try target("iqn.2026-11.lab.example:a")], unusable: [UnusableEntry(text: "no name", expected: "an iSCSI name")],
                    algorithm: nil)))
        #expect(client.targets.count == 1)
        #expect(client.problems.count == 1)
    }
}
