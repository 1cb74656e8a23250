import ControllerAPI
import Identifiers
import Provider
import Testing

@testable import Server

@Suite struct AccessTests {
    /// The routes say who may call them; the roles' rules decide it. They agree.
    @Test(arguments: Route.all.map(\.operation))
    func aRouteNamesTheRolesThatMayCallIt(operation: ControllerAPI.Operation) throws {
        let route = try #require(Route.of(operation))
        switch operation.demand {
        case .nothing: #expect(route.isOpen && route.callers == .everybody)
        case .login: #expect(!route.isOpen && route.callers == .everybody)
        case .permission(let permission):
            #expect(!route.isOpen)
            #expect(route.callers == Set(Role.allCases.filter { $0.scope(of: permission) != nil }.map { Caller($0) }))
        }
    }

    @Test func nobodyMayDoNothingButLogIn() {
        for route in Route.all where !route.isOpen {
            #expect(throws: RequestError.notLoggedIn(user: "nobody(65534)")) {
                try CallerIdentity.nobody(name: "nobody(65534)").reach(for: route)
            }
        }
    }

    private static func record(_ login: String, _ detail: String = "a") -> RefusalLedger.Record {
        RefusalLedger.Record(
            key: RefusalLedger.Key(actor: .localUser(login), action: "socket.refuse"), accountID: nil, subject: "listHosts", detail: detail)
    }

    @Test func ofAFloodOfRefusalsTheFirstIsEnteredAndTheRestCounted() {
        var ledger = RefusalLedger()
        let start = Timestamp(seconds: 1_000)
        #expect(ledger.note(Self.record("eve"), at: start) == Self.record("eve"))
        for _ in 0..<1_000 { #expect(ledger.note(Self.record("eve", "b"), at: start + .seconds(1)) == nil) }
        #expect(ledger.note(Self.record("mallory"), at: start) == Self.record("mallory"))
        #expect(ledger.due(at: start + .seconds(599)) == [])
        let due = ledger.due(at: start + .seconds(600))
        #expect(due == [Self.record("eve", "1000 more since \(start); the last: b")])
        #expect(ledger.due(at: start + .seconds(1_199)) == [])
        // Who stopped is forgotten, and is news again later.
        #expect(ledger.due(at: start + .seconds(1_200)) == [])
        #expect(ledger.note(Self.record("eve"), at: start + .seconds(1_201)) == Self.record("eve"))
    }

    @Test func whatWasCountedIsEnteredAtTheEnd() {
        var ledger = RefusalLedger()
        let start = Timestamp(seconds: 1_000)
        _ = ledger.note(Self.record("eve"), at: start)
        _ = ledger.note(Self.record("eve"), at: start)
        #expect(ledger.due(at: start, all: true).map(\.detail) == ["1 more since \(start); the last: a"])
        #expect(ledger.due(at: start, all: true) == [])
    }

    @Test func moreCallersThanThereIsRoomForAreCountedAsOne() {
        var ledger = RefusalLedger()
        let start = Timestamp(seconds: 1_000)
        let entered = (0..<5_000).compactMap { ledger.note(Self.record("user\($0)"), at: start) }
        #expect(entered.count == RefusalLedger.capacity + 1)
        #expect(entered.last?.key.actor == .localUser("others"))
    }

    @Test func aUserHoldsSoManyConnectionsAndTheProviderAnyNumber() {
        let connections = PeerConnections(policy: ProviderPolicy(ownUserID: 990, groupID: nil), limit: 2)
        let eve = PeerCredentials(processID: 1, userID: 1_001, groupID: 500)
        let other = PeerCredentials(processID: 1, userID: 1_002, groupID: 500)
        #expect(connections.admit(eve) && connections.admit(eve) && !connections.admit(eve))
        #expect(connections.admit(other))
        connections.leave(eve)
        #expect(connections.admit(eve) && !connections.admit(eve))
        for _ in 0..<10 { #expect(connections.admit(PeerCredentials(processID: 1, userID: 0, groupID: 0))) }
    }
}
