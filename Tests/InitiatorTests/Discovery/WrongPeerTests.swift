import ISCSI
import Testing

@testable import Initiator

/// Peers on a socket that are no portals, or bad ones, from the connection to the problem that is told.
@Suite struct WrongPeerTests {
    @Test(arguments: [
        (TestListener.Behaviour.say(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8)), ISCSIOutcome.notAnISCSIPortal),
        (.say([UInt8](repeating: 0xFF, count: 4096)), .notAnISCSIPortal), (.say([UInt8](repeating: 0, count: 48)), .notAnISCSIPortal),
        (.drip(Array("SSH-2.0-OpenSSH_9.2p1 Debian and so on until there are 48\r\n".utf8)), .notAnISCSIPortal),
        (.close, .notAnISCSIPortal),
        (.reset, .notAnISCSIPortal), (.flood, .notAnISCSIPortal), (.silence, .timedOut),
        // The beginning of a login response, and its end never.
        (.say([0x23, 0x81, 0, 0, 0, 0, 0x10]), .unreachable),
    ])
    func whatAnswersWronglyIsAProblem(behaviour: TestListener.Behaviour, outcome: ISCSIOutcome) throws {
        try TestListener.with(behaviour) { listener in
            let report = try Peer.discover {
                $0.portals = [PortalAddress(listener.address)]
                if case .silence = behaviour { $0.limits.conversation = .milliseconds(100) }
            }
            #expect(report.targets.isEmpty)
            #expect(report.problems.map(\.outcome) == [outcome])
            #expect(report.problems.map(\.address) == [listener.address.description])
        }
    }

    @Test func theSameFoundByAScanIsAProblemToo() throws {
        try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { listener in
            let report = try Peer.discover {
                $0.ranges = [AddressRange(listener.address.address, hostBits: 4)]
                $0.scanPort = listener.address.port
            }
            #expect(report.progress.tried == 16)
            #expect(report.problems.map(\.outcome) == [.notAnISCSIPortal])
            #expect(report.problems.map(\.isNamed) == [false])
        }
    }

    @Test func aNameThatIsNoneIsAProblem() throws {
        let resolver = try NameResolver { _ in .failed("Name or service not known") }
        var request = DiscoveryRequest(initiator: try DiscoveryInitiator.find(sysroot: "/nowhere").identity)
        request.portals = [try #require(PortalAddress("array.example"))]
        let report = try Discovery.run(request, resolver: resolver)
        #expect(report.problems.map(\.outcome) == [.unreachable])
        #expect(report.problems.first?.detail.contains("Name or service not known") == true)
    }

    @Test func ofANamesAddressesTheFirstThatAnswersIsUsed() throws {
        try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { listener in
            let unused = try #require(IPAddress("127.250.250.250"))
            let resolver = try NameResolver { _ in .addresses([unused, listener.address.address]) }
            var request = DiscoveryRequest(initiator: try DiscoveryInitiator.find(sysroot: "/nowhere").identity)
            request.portals = [try #require(PortalAddress("array.example:\(listener.address.port)"))]
            let report = try Discovery.run(request, resolver: resolver)
            #expect(report.problems.map(\.outcome) == [.notAnISCSIPortal])
            #expect(report.problems.map(\.address) == ["array.example:\(listener.address.port)"])
        }
    }

    @Test func withoutANameOfItsOwnThisHostHasATemporaryOneAndSaysSo() throws {
        let found = try DiscoveryInitiator.find(sysroot: "/nowhere")
        #expect(found.identity.name.description.hasPrefix("iqn.2026-11.invalid.quartermaster:temporary-"))
        #expect(found.note?.contains("no initiator name yet") == true)
    }
}
