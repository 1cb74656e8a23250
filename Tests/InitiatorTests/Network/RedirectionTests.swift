import Glibc
import ISCSI
import Identifiers
import Synchronization
import Testing

@testable import Initiator

/// A portal that sends the login on, over real connections.
@Suite struct RedirectionTests {
    private func redirection(to address: String) -> [UInt8] {
        var pdu = PDU(.loginResponse, data: Array("TargetAddress=\(address),1\0".utf8))
        (pdu.header[36], pdu.header[37]) = (1, 1)
        var bytes: [UInt8] = []
        pdu.append(to: &bytes)
        return bytes
    }
    private func portal(_ listener: TestListener) throws -> PortalAddress { PortalAddress(listener.address) }
    private func check(
        _ portal: PortalAddress, sentOn: @escaping @Sendable (PortalAddress, PortalAddress) -> Void
    ) throws(PortalProbe.Failure) -> [DiscoveredTarget] {
        guard let name = ISCSIName("iqn.2026-11.lab.example:host") else { return [] }
        var limits = ScanLimits()
        (limits.connect, limits.conversation) = (.seconds(120), .seconds(120))
        return try PortalProbe.network(InitiatorIdentity(name: name), interface: nil, limits: limits, sentOn: sentOn).targets(portal, nil)
    }

    @Test(arguments: ["224.0.0.1:3260", "169.254.169.254:80", "[fe80::1]:3260"])
    func whereItMayNotBeSentNothingIsSaid(address: String) throws {
        try TestListener.with(.say(redirection(to: address))) { listener in
            let first = try portal(listener)
            let error = #expect(throws: PortalProbe.Failure.self) {
                try check(first) { Issue.record("followed from \($0) to \($1)") }
            }
            #expect(error?.outcome == .notAnISCSIPortal)
            #expect(error?.detail.hasPrefix("\(first) sends the login on to \(address), which is ") == true, "\(error?.detail ?? "")")
        }
    }

    @Test func whereItIsFollowedThatIsSaidFirst() throws {
        try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { second in
            try TestListener.with(.say(redirection(to: second.address.description))) { first in
                let (from, to) = (try portal(first), try portal(second))
                let told = Atomic<Int>(0)
                let error = #expect(throws: PortalProbe.Failure.self) {
                    try check(from) { sender, address in
                        #expect(sender == from && address == to)
                        #expect(second.connections == 0)
                        told.add(1, ordering: .sequentiallyConsistent)
                    }
                }
                #expect(told.load(ordering: .sequentiallyConsistent) == 1)
                #expect(error?.detail.hasPrefix("\(to) (sent on by \(from)): ") == true, "\(error?.detail ?? "")")
            }
        }
    }
}
