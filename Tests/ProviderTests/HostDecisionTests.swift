import Identifiers
import Provider
import Testing

@Suite struct HostDecisionTests {
    private let now = Timestamp(seconds: 1_795_246_200)

    private func key(_ byte: UInt8, _ state: HostKeyState = .active, heard: Int = 0) throws -> HostKey {
        HostKey(
            fingerprint: try #require(Fingerprint(bytes: [UInt8](repeating: byte, count: 32))), state: state,
            hostID: state == .stranger ? nil : HostID("host-1"), heardAt: now - .seconds(heard), certificateEnds: now + .seconds(86_400))
    }

    private func host(
        _ state: HostState = .registered, key: HostKey?, released: Bool = false, heardWithin: Duration? = nil
    ) throws -> KnownHost {
        KnownHost(
            hostID: try #require(HostID("host-1")), accountID: try #require(AccountID("account-1")), machineID: "m", hostName: "web1",
            state: state, registeredAt: now - .seconds(9_999), released: released, heardWithin: heardWithin, key: key)
    }

    private func decide(key: HostKey?, keyHost: KnownHost? = nil, same: KnownHost? = nil, sent: Int = 0) throws -> RegistrationDecision {
        decideRegistration(
            RegistrationRequest(
                now: now, sentAt: now - .seconds(sent), accountID: try #require(AccountID("account-1")), machineID: "m", hostName: "web1",
                padAccount: nil, interval: .seconds(60), key: key, keyHost: keyHost, sameMachine: same))
    }

    private func reason(_ decision: RegistrationDecision) -> HostRefusal.Reason? {
        if case .refused(let refusal) = decision { refusal.reason } else { nil }
    }

    @Test func nobodyKnownIsANewHost() throws { #expect(try decide(key: nil) == .newHost) }

    @Test func theSameKeyIsTheSameHost() throws {
        let own = try key(1)
        let known = try host(key: own)
        #expect(try decide(key: own, keyHost: known, same: known) == .again(known.hostID))
    }

    @Test(
        arguments: [
            // A pad that is looked at every minute; what the host says of itself; what an agent does by itself.
            (5, 179, true), (5, 180, false), (600, 1_799, true), (600, 1_800, false), (nil, 2_699, true), (nil, 2_700, false),
        ] as [(Int64?, Int, Bool)])
    func aHostThatMayStillLiveRefusesANewKey(heardWithin: Int64?, heard: Int, refused: Bool) throws {
        let decision = try decide(key: nil, same: host(key: key(1, heard: heard), heardWithin: heardWithin.map { .seconds($0) }))
        #expect((reason(decision) == .duplicateHost) == refused)
        guard case .refused(let refusal) = decision else { return }
        #expect(refusal.retryAfter == .seconds(1))
        #expect(refusal.text.contains("register again at \(now + .seconds(1)), or ask the provider for: host release host-1"))
    }

    @Test func aReleasedHostTakesANewKeyAtOnce() throws {
        let old = try key(1)
        let known = try host(key: old, released: true)
        #expect(try decide(key: nil, same: known) == .newKey(known.hostID, revoking: old.fingerprint))
    }

    @Test func aRevokedKeyIsRefusedWhateverThePassword() throws {
        let decision = try decide(key: key(1, .revoked), keyHost: host(key: nil))
        #expect(reason(decision) == .revoked)
    }

    @Test func aKeyOfAnotherMachineIsRefused() throws {
        let own = try key(1)
        var other = try host(key: own)
        other.machineID = "another"
        let decision = try decide(key: own, keyHost: other)
        #expect(reason(decision) == .duplicateHost)
    }

    @Test func aKeyOnAnotherPadIsOneMore() throws {
        let known = try host(key: nil)
        #expect(try decide(key: nil, same: known) == .anotherPad(known.hostID))
    }

    @Test(arguments: [(86_400, false), (86_401, true), (-86_400, false), (-86_401, true)])
    func aRegistrationLivesADayEitherWay(age: Int, refused: Bool) throws {
        let decision = try decide(key: nil, sent: age)
        #expect((reason(decision) == .expired) == refused)
    }

    @Test func reportsAreTakenWithinTheTimeOfGrace() throws {
        var own = try key(1)
        own.certificateEnds = now - .seconds(100)
        let known = try host(key: own)
        #expect(
            decideReport(now: now, key: own, host: known, certificate: .issued(ends: now - .seconds(100)), grace: .seconds(200))
                == .taken(known.hostID))
        guard case .refused(let refusal) = decideReport(now: now, key: own, host: known, certificate: .own, grace: .seconds(50)) else {
            Issue.record("taken after the time of grace")
            return
        }
        #expect(refusal.reason == .certificateExpired)
    }

    @Test func aCertificateOfAnUnknownHostTakesItInAgainWhileItLasts() {
        #expect(
            decideReport(now: now, key: nil, host: nil, certificate: .issued(ends: now + .seconds(1)), grace: .zero) == .takenInAgain)
        guard case .refused(let refusal) = decideReport(now: now, key: nil, host: nil, certificate: .own, grace: .zero) else {
            Issue.record("taken without a certificate")
            return
        }
        #expect(refusal.reason == .notRegistered)
    }

    @Test func aBucketGivesItsCapacityAndFillsAgain() {
        var limit = RateLimit(capacity: 3, per: .seconds(60), now: now)
        for _ in 0..<3 {
            let taken = limit.take(now: now)
            #expect(taken)
        }
        let fourth = limit.take(now: now)
        #expect(!fourth)
        let later = limit.take(now: now + .seconds(20))
        #expect(later)
    }
}
