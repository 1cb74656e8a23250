import Identifiers
import Provider
import Testing

/// Claims × masking of one initiator, case by case.
@Suite struct AssociateTests {
    private let initiator: InitiatorName
    private let start = Timestamp(seconds: 1_795_246_200)

    init() throws { initiator = try #require(InitiatorName("iqn.2026-11.com.example:a")) }

    private func claim(
        _ host: String, account: String = "account-a", cluster: String? = nil, first: Int = 0, onAccountPad: Bool = false,
        state: ClaimState = .standing
    ) throws -> Claim {
        Claim(
            initiator: initiator, hostID: try #require(HostID(host)), hostName: host, accountID: try #require(AccountID(account)),
            cluster: cluster, firstClaimedAt: start + .seconds(first), claimedAt: start + .seconds(first), messageID: "message-\(host)",
            padID: try #require(PadID("pad-1")), onAccountPad: onAccountPad, state: state)
    }

    private func volume(_ name: String = "v1") throws -> MaskedVolume {
        MaskedVolume(
            volume: AssociatedVolume(
                systemID: try #require(SystemID("system-1")), volumeID: name, name: name,
                wwid: "naa.600000000000000000000000000000\(name.suffix(1))a", lun: 1,
                sizeBytes: 1 << 30), seenAt: start)
    }

    private func assigned(_ account: String) throws -> Assignment {
        Assignment(accountID: try #require(AccountID(account)), at: start, actor: "provider:root")
    }

    @Test func aClaimWithMaskingIsConfirmed() throws {
        let result = associate(InitiatorView(initiator: initiator, claims: [try claim("host-1")], masking: [try volume()]))
        #expect(result.map(\.state) == [.confirmed])
        #expect(result.first?.evidence.map(\.kind) == [.claim, .masking])
        #expect(result.first?.note == nil)
    }

    @Test func aClaimWithoutMaskingIsPending() throws {
        let result = associate(InitiatorView(initiator: initiator, claims: [try claim("host-1")]))
        #expect(result.map(\.state) == [.pending])
        #expect(result.first?.volume == nil)
        #expect(result.first?.note == "no storage system masks a volume to this initiator")
    }

    @Test func whoClaimsSecondReadsOfTheConflictAndNotOfTheVolume() throws {
        let claims = [try claim("host-1"), try claim("host-2", account: "account-b", first: 60, onAccountPad: true)]
        let result = associate(InitiatorView(initiator: initiator, claims: claims, masking: [try volume()]))
        let other = try #require(HostID("host-3"))
        let records = result.map {
            AssociationRecord(
                id: 1, association: $0, since: start, hostName: nil, domain: nil, registeredBy: nil, sharedWith: [other],
                conflictHostName: nil, conflictSince: nil)
        }
        let reach = Reach.account(try #require(AccountID("account-b")))
        let conflict = try #require(records.first { $0.association.state == .conflict })
        #expect(conflict.association.volume != nil && conflict.association.evidence.contains { $0.kind == .masking })
        #expect(conflict.seen(within: .everything) == conflict)
        let seen = conflict.seen(within: reach)
        #expect(seen.association.volume == nil && seen.sharedWith.isEmpty)
        #expect(seen.association.evidence.map(\.kind) == [.claim, .accountPad])
        #expect(seen.association.conflictsWith == conflict.association.conflictsWith && seen.association.note == conflict.association.note)
        let held = try #require(records.first { $0.association.state == .confirmed })
        #expect(held.seen(within: reach) == held)
    }

    @Test func maskingWithoutClaimAssociatesNobody() throws {
        #expect(associate(InitiatorView(initiator: initiator, masking: [try volume()])).isEmpty)
    }

    @Test func theProvidersWordWithMaskingIsDeclared() throws {
        let result = associate(InitiatorView(initiator: initiator, masking: [try volume()], assignment: try assigned("account-a")))
        #expect(result.map(\.state) == [.declared])
        #expect(result.first?.hostID == nil)
        #expect(result.first?.evidence.map(\.kind) == [.masking, .assigned])
    }

    @Test func aClaimOfAnotherAccountChangesNothingOfWhatIsDeclared() throws {
        let assignment = try assigned("account-a")
        let before = associate(InitiatorView(initiator: initiator, masking: [try volume()], assignment: assignment))
        let claimed = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-9", account: "account-b")], masking: [try volume()], assignment: assignment),
            previous: before)
        #expect(claimed.map(\.state) == [.declared, .conflict])
        #expect(claimed.first == before.first)
        // The account's own host takes its place.
        let own = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-9", account: "account-b"), try claim("host-1", first: 60)],
                masking: [try volume()], assignment: assignment), previous: claimed)
        #expect(own.filter { $0.hostID == HostID("host-1") }.map(\.state) == [.confirmed])
        #expect(own.filter { $0.state == .declared }.isEmpty)
    }

    @Test func aLaterClaimIsAConflictAndChangesNothingForTheFirst() throws {
        let alone = associate(InitiatorView(initiator: initiator, claims: [try claim("host-1")], masking: [try volume()]))
        let both = associate(
            InitiatorView(initiator: initiator, claims: [try claim("host-1"), try claim("host-2", first: 60)], masking: [try volume()]))
        #expect(both.first == alone.first)
        #expect(both.last?.state == .conflict)
        #expect(both.last?.conflictsWith == HostID("host-1"))
        #expect(both.last?.note?.contains("host-1") == true)
        #expect(both.last?.note?.contains("host-2") == true)
    }

    @Test func aSessionSpeaksForTheHolderAlone() throws {
        let session = SeenSession(systemID: try #require(SystemID("system-1")), at: start)
        let result = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-1"), try claim("host-2", first: 60)], masking: [try volume()],
                sessions: [session]))
        #expect(result.map { $0.evidence.contains { $0.kind == .session } } == [true, false])
    }

    @Test func hostsOfOneClusterShare() throws {
        let result = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-1", cluster: "c"), try claim("host-2", cluster: "c", first: 60)],
                masking: [try volume()]))
        #expect(result.map(\.state) == [.confirmed, .confirmed])
    }

    @Test func aClusterOfAnotherAccountIsAnotherCluster() throws {
        let result = associate(
            InitiatorView(
                initiator: initiator,
                claims: [try claim("host-1", cluster: "c"), try claim("host-2", account: "account-b", cluster: "c", first: 60)],
                masking: [try volume()]))
        #expect(result.map(\.state) == [.confirmed, .conflict])
    }

    @Test func theProvidersWordDecidesBetweenAccounts() throws {
        let result = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-1"), try claim("host-2", account: "account-b", first: 60)],
                masking: [try volume()], assignment: try assigned("account-b")))
        #expect(result.map(\.state) == [.conflict, .confirmed])
        #expect(result.first?.note == "the provider assigned this initiator to another account")
        #expect(result.last?.evidence.map(\.kind) == [.claim, .masking, .assigned])
        #expect(result.last?.isStrong == true)
    }

    @Test func aChangedInitiatorWaitsForConfirmation() throws {
        let result = associate(
            InitiatorView(initiator: initiator, claims: [try claim("host-1", state: .awaiting)], masking: [try volume()]))
        #expect(result.map(\.state) == [.pending])
        #expect(result.first?.note?.contains("waits for association confirm or reject") == true)
    }

    @Test(arguments: [(nil, true), ("iqn.2026-11.com.example:a", true), ("iqn.2026-11.com.example:other", false)])
    func aDeviceSpeaksUnlessItIsSeenThroughAnotherInitiator(through: String?, counts: Bool) throws {
        let masked = try volume()
        let device = SeenDevice(
            wwid: try #require(WWID(masked.volume.wwid)), initiator: through.flatMap { InitiatorName($0) }, at: start, messageID: "m")
        let result = associate(
            InitiatorView(
                initiator: initiator, claims: [try claim("host-1")], masking: [masked], devices: [try #require(HostID("host-1")): [device]])
        )
        #expect(result.first?.evidence.contains { $0.kind == .device } == counts)
    }

    @Test func theAccountsOwnPadIsEvidence() throws {
        let result = associate(
            InitiatorView(initiator: initiator, claims: [try claim("host-1", onAccountPad: true)], masking: [try volume()]))
        #expect(result.first?.evidence.map(\.kind) == [.claim, .masking, .accountPad])
        #expect(result.first?.isStrong == true)
    }

    @Test func whatNoLongerFollowsIsStaleWithItsReason() throws {
        let before = associate(InitiatorView(initiator: initiator, claims: [try claim("host-1")], masking: [try volume()]))
        let unmasked = associate(InitiatorView(initiator: initiator, claims: [try claim("host-1")]), previous: before)
        #expect(unmasked.map(\.state) == [.pending, .stale])
        #expect(unmasked.last?.note == "the storage system no longer masks the volume to this initiator")
        let unclaimed = associate(
            InitiatorView(initiator: initiator, claims: [try claim("host-1", state: .withdrawn)], masking: [try volume()]), previous: before
        )
        #expect(unclaimed.map(\.state) == [.stale])
        #expect(unclaimed.last?.note == "the host no longer claims this initiator")
        // And back again.
        let again = associate(
            InitiatorView(initiator: initiator, claims: [try claim("host-1")], masking: [try volume()]), previous: unmasked)
        #expect(again.map(\.state) == [.confirmed])
    }
}
