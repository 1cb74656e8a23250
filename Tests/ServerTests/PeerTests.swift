import Glibc
import Testing

@testable import Server

@Suite struct PeerTests {
    private static func peer(_ user: UInt32, _ group: UInt32 = 500) -> PeerCredentials {
        PeerCredentials(processID: 1, userID: user, groupID: group)
    }

    @Test func rootTheOwnUserAndMembersOfTheGroupAreTheProvider() {
        let policy = ProviderPolicy(ownUserID: 990, groupID: 77)
        let groups: (UInt32) -> [UInt32] = { $0 == 1001 ? [500, 77] : [500] }
        #expect(policy.isProvider(Self.peer(0), groups: groups))
        #expect(policy.isProvider(Self.peer(990), groups: groups))
        #expect(policy.isProvider(Self.peer(1001), groups: groups))
        #expect(policy.isProvider(Self.peer(1002, 77), groups: groups))
        #expect(!policy.isProvider(Self.peer(1002), groups: groups))
    }

    @Test func withoutAGroupNobodyElseIs() {
        let policy = ProviderPolicy(ownUserID: 990, groupID: nil)
        #expect(!policy.isProvider(Self.peer(1001, 0), groups: { _ in [0, 27] }))
    }

    @Test func theUserDatabaseNamesUsersAndGroups() {
        #expect(UserDatabase.name(ofUser: 0) == "root")
        #expect(UserDatabase.groups(ofUser: 0).contains(0))
        #expect(UserDatabase.identifier(ofGroup: "root") == 0)
        #expect(UserDatabase.identifier(ofGroup: "no-such-group-here") == nil)
        #expect(UserDatabase.name(ofUser: 4_000_000_000) == nil)
        #expect(UserDatabase.groups(ofUser: 4_000_000_000).isEmpty)
    }
}
