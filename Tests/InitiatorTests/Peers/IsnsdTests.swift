import Files
import Glibc
import ISCSI
import TestPrograms
import Testing

@testable import Initiator

/// open-isns's isnsd, with targets that its own isnsadm registered.
@Suite(.serialized, .enabled(if: !Peer.isMissing("/usr/sbin/isnsd", "/usr/sbin/isnsadm"), "no isnsd here, or not root"))
struct IsnsdTests {
    private func withPeer(_ body: (PortalAddress, (String...) throws -> String) throws -> Void) throws {
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
            let output = String(decoding: run.output, as: UTF8.self)
            guard run.status == 0 else { throw Peer.Failure.notStarted(output) }
            return output
        }
    }

    @Test func aServersTargetsAreListedWithTheirPortals() throws {
        try withPeer { server, isnsadm in
            _ = try isnsadm(
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

    /// The built program, as an administrator runs it; what the server knows then is isnsadm's word.
    @Test func thisHostIsRegisteredAndTakenBack() throws {
        let path = try #require(ChildProcess.built("quartermaster-agent"), "quartermaster-agent was not built beside the tests")
        let name = "iqn.2026-11.lab.example:registered"
        try withPeer { server, isnsadm in
            let root = try Peer.temporaryDirectory()
            defer { Peer.remove(root) }
            try makeDirectories("\(root)/etc/iscsi")
            try replaceFile("\(root)/etc/iscsi/initiatorname.iscsi", with: Array("InitiatorName=\(name)\n".utf8))
            try replaceFile("\(root)/empty.conf", with: [])
            func run(_ arguments: String...) throws -> (status: Int32, output: String) {
                let common = ["--sysroot", root, "--config", "\(root)/empty.conf"]
                let run = try ChildProcess.run(path, ["iscsi", "isns"] + arguments + common)
                return (run.status, String(decoding: run.output, as: UTF8.self))
            }
            let none = try run("register")
            #expect(none.status == 64 && none.output.contains("iscsi isns add lists one"), "\(none.output)")
            let address = "\(server)"
            #expect(try run("add", address).status == 0)

            let dry = try run("register", "--dry-run")
            #expect(dry.status == 0 && dry.output.contains("would register \(name)"), "\(dry.output)")
            #expect(try !isnsadm("--list", "nodes").contains(name))

            for round in 1...2 {
                let made = try run("register", "--alias", "web server \(round)")
                #expect(made.status == 0 && made.output.contains("\(address): registered \(name) of "), "\(made.output)")
                let nodes = try isnsadm("--query", "iscsi-name=\(name)")
                #expect(nodes.contains(name) && nodes.contains("web server \(round)"), "\(nodes)")
            }
            let removed = try run("deregister", address, "--format", "json")
            #expect(removed.status == 0 && removed.output.contains(#""outcome":"done","changed":true"#), "\(removed.output)")
            #expect(try !isnsadm("--list", "nodes").contains(name))
            #expect(try run("deregister").status == 0)
        }
    }

    @Test func whoIsNoServerIsToldApartFromTheOthers() throws {
        let path = try #require(ChildProcess.built("quartermaster-agent"), "quartermaster-agent was not built beside the tests")
        let root = try Peer.temporaryDirectory()
        defer { Peer.remove(root) }
        try makeDirectories("\(root)/etc/iscsi")
        let arguments = ["iscsi", "isns", "register", "\(Peer.address()):9", "--sysroot", root, "--format", "json"]
        let nameless = try ChildProcess.run(path, arguments)
        #expect(nameless.status == 78)
        try replaceFile("\(root)/etc/iscsi/initiatorname.iscsi", with: Array("InitiatorName=iqn.2026-11.lab.example:host\n".utf8))
        try withPeer { server, _ in
            let run = try ChildProcess.run(path, arguments + ["\(server)"])
            let output = String(decoding: run.output, as: UTF8.self)
            #expect(run.status == 69 && output.contains(#"{"outcome":"isns-server-not-found""#), "\(output)")
            #expect(output.contains(#""outcome":"done","changed":true"#), "\(output)")
        }
    }

    @Test func whatIsNoServerIsNotFound() throws {
        try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { listener in
            let report = try Peer.discover { $0.servers = [PortalAddress(listener.address)] }
            #expect(report.problems.map(\.outcome) == [.isnsServerNotFound])
        }
    }
}
