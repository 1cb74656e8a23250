import Files
import ISCSI
import Identifiers
import Inventory
import Testing

@testable import Initiator

@Suite struct RepairTests {
    private let host: SetupFixture
    private let target: ISCSIName
    private static let refusal = PortalProbe.Failure(outcome: .loginRefused, detail: "3/1 (service unavailable)")

    init() throws {
        host = try SetupFixture()
        target = try #require(ISCSIName(SetupFixture.target))
        #expect(try host.setup().run(host.preparation().plan(host.request(allPortals: false))).outcome == .connected)
    }

    private func repair(_ obstacle: PortalProbe.Failure?, state: HostState? = nil) throws -> [Repair.Finding] {
        let now = try state ?? host.state()
        return try Repair(
            database: host.database, iscsiadm: Iscsiadm(program: ExternalProgram(path: "\(host.folder.path)/bin/iscsiadm")),
            patience: .milliseconds(1), obstacle: { _, _ in obstacle }, state: { now }
        ).run(of: nil)
    }

    private func failed() -> HostState {
        var session = Inventory.Session(name: "session1")
        (session.target, session.state, session.portals) = (target, "FAILED", [.init(address: "10.99.0.1", port: 3260)])
        return HostState(Inventory(host: Inventory.Host(), sessions: [session]))
    }

    private func calls() throws -> Int {
        String(decoding: try readFile("\(host.folder.path)/calls"), as: UTF8.self).split(separator: "\n").count
    }

    @Test func `a session whose target takes no login is left to iscsid`() throws {
        let before = try calls()
        let findings = try repair(Self.refusal, state: failed())
        #expect(findings.map(\.outcome) == [.loginRefused])
        #expect(findings.allSatisfy { $0.detail.hasSuffix("the session comes back by itself when a login is possible again") })
        #expect(try calls() == before)
    }

    @Test func `a session that does not come back though a login is possible is made anew, once`() throws {
        let before = try calls()
        #expect(try repair(nil, state: failed()).map(\.detail) == ["ended and made anew"])
        #expect(try calls() == before + 2)
    }

    @Test func `a record without its session is logged in where its target takes a login`() throws {
        let none = HostState(Inventory(host: Inventory.Host()))
        let before = try calls()
        #expect(try repair(Self.refusal, state: none).map(\.detail) == [Self.refusal.detail])
        #expect(try calls() == before)
        #expect(try repair(nil, state: none).map(\.detail) == ["logged in"])
    }

    /// Its session would not come again, and nobody would know why.
    @Test func `a record that cannot be read is found, and the others are looked at`() throws {
        let other = "etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.9,3260,1/default"
        try makeDirectories("\(host.folder.path)/\(other)")
        let found = try repair(nil, state: HostState(Inventory(host: Inventory.Host())))
        #expect(found.map(\.outcome) == [.initiatorMisconfigured, .done] && found[0].detail.contains(other), "\(found)")
    }

    @Test func `nothing is found where all works`() throws {
        #expect(try repair(Self.refusal).isEmpty)
    }
}
