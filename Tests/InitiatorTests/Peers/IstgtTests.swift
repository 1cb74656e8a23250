import Files
import Glibc
import ISCSI
import TestPrograms
import Testing

@testable import Initiator

/// istgt: a target with two portal groups, and discovery that wants CHAP.
@Suite(.serialized, .enabled(if: !Peer.isMissing("/usr/sbin/istgt"), "no istgt here, or not root"))
struct IstgtTests {
    private func portal(_ text: String) -> PortalAddress { PortalAddress(text) ?? PortalAddress(host: .name("not an address: \(text)")) }

    /// `authentication` is DiscoveryAuthMethod: None, CHAP or CHAP Mutual.
    private func withPeer(authentication: String, _ body: ([String]) throws -> Void) throws {
        let directory = try Peer.temporaryDirectory()
        defer { Peer.remove(directory) }
        let addresses = [Peer.address(), Peer.address()]
        try replaceFile(
            "\(directory)/auth.conf",
            with: Array(
                #"""
                [AuthGroup1]
                  Auth "finder" "findsecret123" "portals" "portalsecret1"
                [AuthGroup2]
                  Auth "inuser" "insecret12345"

                """#.utf8))
        try replaceFile(
            "\(directory)/istgt.conf",
            with: Array(
                """
                [Global]
                  Comment "Global section"
                  NodeBase "iqn.2026-11.lab.example"
                  PidFile \(directory)/istgt.pid
                  AuthFile \(directory)/auth.conf
                  MediaDirectory \(directory)
                  LogFacility "local7"
                  Timeout 30
                  NopInInterval 20
                  DiscoveryAuthMethod \(authentication)
                  DiscoveryAuthGroup AuthGroup1
                  MaxSessions 16
                  MaxConnections 4
                  MaxR2T 16
                  MaxOutstandingR2T 16
                  DefaultTime2Wait 2
                  DefaultTime2Retain 60
                  FirstBurstLength 262144
                  MaxBurstLength 1048576
                  MaxRecvDataSegmentLength 262144
                  InitialR2T Yes
                  ImmediateData Yes
                  DataPDUInOrder Yes
                  DataSequenceInOrder Yes
                  ErrorRecoveryLevel 0
                [UnitControl]
                  AuthMethod CHAP
                  AuthGroup AuthGroup2
                  Portal UC1 \(addresses[0]):3261
                  Netmask 127.0.0.1
                [PortalGroup1]
                  Portal DA1 \(addresses[0]):3260
                [PortalGroup2]
                  Portal DB1 \(addresses[1]):3260
                [InitiatorGroup1]
                  InitiatorName "ALL"
                  Netmask 127.0.0.0/8
                [LogicalUnit1]
                  TargetName two
                  TargetAlias "two groups"
                  Mapping PortalGroup1 InitiatorGroup1
                  Mapping PortalGroup2 InitiatorGroup1
                  AuthMethod CHAP
                  AuthGroup AuthGroup2
                  UseDigest Auto
                  UnitType Disk
                  LUN0 Storage \(directory)/disk.img 16MB

                """.utf8))
        let process = try ChildProcess("/usr/sbin/istgt", ["-D", "-c", "\(directory)/istgt.conf"])
        defer {
            process.send(SIGKILL)
            process.waitUntilExit()
        }
        try Peer.wait("istgt on \(addresses)") {
            guard process.isRunning else { throw Peer.Failure.notStarted("istgt ended with \(process.terminationStatus)") }
            return try addresses.allSatisfy { Peer.listens(SocketAddress(try #require(IPAddress($0)), port: 3260)) }
        }
        try body(addresses)
    }

    @Test func bothPortalGroupsOfATargetAreTold() throws {
        try withPeer(authentication: "None") { addresses in
            let report = try Peer.discover { $0.portals = [portal(addresses[0])] }
            #expect(report.problems.isEmpty)
            #expect(report.targets.map(\.spelling) == ["iqn.2026-11.lab.example:two"])
            #expect(report.targets.first?.authentication == .chap)
            #expect(report.targets.first?.alias == "two groups")
            #expect(
                report.targets.first?.portals
                    == [
                        .init(address: portal(addresses[0]), groupTag: 1, interface: "lo"),
                        .init(address: portal(addresses[1]), groupTag: 2),
                    ].sorted())
        }
    }

    @Test func discoveryHasCredentialsOfItsOwn() throws {
        try withPeer(authentication: "CHAP") { addresses in
            var outcomes: [(found: String, expected: String)] = []
            func outcome(_ credentials: CHAPCredentials?) throws -> String {
                let report = try Peer.discover {
                    $0.portals = [portal(addresses[0])]
                    $0.credentials = credentials
                }
                return "\(report.targets.count)" + report.problems.map { " \($0.outcome.rawValue)" }.joined()
            }
            outcomes.append((try outcome(CHAPCredentials(user: "finder", secret: CHAPSecret(Array("findsecret123".utf8)))), "1"))
            outcomes.append((try outcome(nil), "0 authentication-wanted"))
            outcomes.append(
                (try outcome(CHAPCredentials(user: "finder", secret: CHAPSecret(Array("another123456".utf8)))), "0 wrong-user-or-secret"))
            outcomes.append(
                (try outcome(CHAPCredentials(user: "nobody", secret: CHAPSecret(Array("findsecret123".utf8)))), "0 wrong-user-or-secret"))
            for (found, expected) in outcomes { #expect(found == expected) }
        }
    }

    @Test func aPortalThatDoesNotProveItselfIsNotBelieved() throws {
        try withPeer(authentication: "CHAP Mutual") { addresses in
            var outcomes: [(found: String, expected: String)] = []
            func outcome(_ secret: String) throws -> String {
                let report = try Peer.discover {
                    $0.portals = [portal(addresses[0])]
                    $0.credentials = CHAPCredentials(
                        user: "finder", secret: CHAPSecret(Array("findsecret123".utf8)),
                        mutual: .init(user: "portals", secret: CHAPSecret(Array(secret.utf8))))
                }
                return "\(report.targets.count)" + report.problems.map { " \($0.outcome.rawValue)" }.joined()
            }
            outcomes.append((try outcome("portalsecret1"), "1"))
            outcomes.append((try outcome("another123456"), "0 mutual-authentication-failed"))
            for (found, expected) in outcomes { #expect(found == expected) }
        }
    }
}
