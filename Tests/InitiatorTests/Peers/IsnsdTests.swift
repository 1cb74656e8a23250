import Files
import Glibc
import ISCSI
import TestPrograms
import Testing

@testable import Initiator

/// open-isns's isnsd, with targets that its own isnsadm registered.
@Suite(.serialized, .enabled(if: !Peer.isMissing("/usr/sbin/isnsd", "/usr/sbin/isnsadm"), "no isnsd here, or not root"))
struct IsnsdTests {
    private func withPeer(_ body: (PortalAddress, (String...) throws -> Void) throws -> Void) throws {
        let directory = try Peer.temporaryDirectory()
        defer { Peer.remove(directory) }
        let address = Peer.address()
        try replaceFile(
            "\(directory)/isnsd.conf",
            with: Array(
                """
                SourceName = iqn.2026-11.lab.example:isns
                Database = \(directory)/db
                BindAddress = \(address)
                ControlSocket = \(directory)/control
                PIDFile = \(directory)/pid
                SLPRegister = 0
                Security = 0
                DefaultDiscoveryDomain = 1
                RegistrationPeriod = 0
                ESIRetries = 0

                """.utf8))
        try replaceFile(
            "\(directory)/isnsadm.conf",
            with: Array(
                """
                ServerAddress = \(address)
                SourceName = iqn.2026-11.lab.example:host
                Security = 0
                ControlSocket = \(directory)/control

                """.utf8))
        let process = try ChildProcess("/usr/sbin/isnsd", ["--config", "\(directory)/isnsd.conf", "--foreground"])
        defer {
            process.send(SIGKILL)
            process.waitUntilExit()
        }
        let server = try #require(PortalAddress(address, defaultPort: ISCSIPort.isns))
        try Peer.wait("isnsd on \(address)") {
            guard process.isRunning else { throw Peer.Failure.notStarted("isnsd ended with \(process.terminationStatus)") }
            return Peer.listens(try #require(server.socket(among: [])))
        }
        try body(server) { (arguments: String...) in
            let run = try ChildProcess.run("/usr/sbin/isnsadm", ["--config", "\(directory)/isnsadm.conf"] + arguments)
            guard run.status == 0 else { throw Peer.Failure.notStarted(String(decoding: run.output, as: UTF8.self)) }
        }
    }

    @Test func aServersTargetsAreListedWithTheirPortals() throws {
        try withPeer { server, isnsadm in
            try isnsadm(
                "--register", "target=iqn.2026-11.lab.example:one,alias=One", "portal=127.0.0.1:3260/tcp")
            let report = try Peer.discover {
                $0.servers = [server]
                $0.authenticationCheck = .none
            }
            #expect(report.problems.isEmpty)
            #expect(report.targets.map(\.spelling) == ["iqn.2026-11.lab.example:one"])
            #expect(report.targets.first?.sources == [.isns])
            #expect(report.targets.first?.portals.map(\.address.description) == ["127.0.0.1:3260"])
        }
    }

    @Test func aServerWithoutTargetsIsNoProblem() throws {
        try withPeer { server, _ in
            let report = try Peer.discover { $0.servers = [server] }
            #expect(report.targets.isEmpty)
            #expect(report.problems.isEmpty)
        }
    }

    @Test func whatIsNoServerIsNotFound() throws {
        try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { listener in
            let report = try Peer.discover { $0.servers = [PortalAddress(listener.address)] }
            #expect(report.problems.map(\.outcome) == [.isnsServerNotFound])
        }
    }
}
