import Daemons
import Identifiers
import Inventory
import Messages
import Provider
import Store
import TestSupport
import Testing

/// Registrations from a pad to the answer, by "Who is who" of docs/scratch-pad.md.
@Suite struct RegistrationTests {
    @Test func aHostIsTakenInAndAnsweredOnce() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            let message = try host.send(host.registration(customer))
            let summary = try await fixture.pass()
            #expect(summary.words == ["accepted": 1])
            #expect(summary.removed == 1)
            let outcomes = try host.outcomes(to: message)
            #expect(outcomes.map(\.word) == ["accepted"])
            let hosts = try await fixture.hosts()
            #expect(hosts.map(\.hostName) == ["web1"])
            #expect(hosts.first?.state == .registered)
            #expect(hosts.first?.initiators.map(\.description) == ["iqn.2026-11.com.example:web1"])
            #expect(hosts.first?.domain == "main")
            #expect(try await fixture.pass().words.isEmpty)
        }
    }

    @Test func aMessageThatTheDatabaseRefusesIsSetAsideAndKeepsNobodyWaiting() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            try await fixture.store.write { transaction in
                _ = try transaction.execute(
                    "CREATE TRIGGER refuse BEFORE INSERT ON hosts WHEN new.host_name = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END")
            }
            var poison = try fixture.host(on: pad, name: "poison", machineID: "ffffffffffffffffffffffffffffffff", initiators: [])
            var other = try fixture.host(on: pad)
            let refused = try poison.send(poison.registration(customer))
            let message = try other.send(other.registration(customer))
            let summary = try await fixture.pass()
            #expect(summary.words == ["accepted": 1, "undecided": 1])
            #expect(summary.quarantined.count == 1)
            #expect(summary.quarantined.first?.hasPrefix("cannot be decided: ") == true)
            #expect(try other.outcomes(to: message).map(\.word) == ["accepted"])
            #expect(try poison.outcomes(to: refused).isEmpty)
            #expect(try await fixture.hosts().map(\.hostName) == ["web1"])
            #expect(try await fixture.pass().words.isEmpty)
        }
    }

    @Test func aDamagedPasswordHashKeepsNobodyElseWaiting() async throws {
        try await ControllerFixture.run { fixture in
            let (acme, other) = (try await fixture.customer(), try await fixture.customer("other"))
            let pad = try await fixture.pad()
            try await fixture.store.write { transaction in
                _ = try transaction.execute("UPDATE users SET password_hash = '$scrypt$damaged' WHERE id = ?", acme.userID)
            }
            var first = try fixture.host(on: pad)
            var second = try fixture.host(on: pad, name: "web2", machineID: "ffffffffffffffffffffffffffffffff", initiators: [])
            let refused = try first.send(first.registration(acme))
            let accepted = try second.send(second.registration(other))
            try await fixture.pass()
            #expect(try first.outcomes(to: refused).map(\.word) == ["bad-credentials"])
            #expect(try second.outcomes(to: accepted).map(\.word) == ["accepted"])
            #expect(try await fixture.notifications().map(\.notification.kind) == [.damagedPassword])
        }
    }

    @Test func aRegisteredHostRegistersAnewWhileGuessesFromItsPadWait() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            for number in 0..<14 {
                var guesser = try fixture.host(on: pad, name: "guesser", machineID: "guesser", initiators: [])
                _ = try await guesser.register(customer, in: fixture, password: "wrong \(number)")
            }
            var stranger = try fixture.host(on: pad, name: "new", machineID: "new", initiators: [])
            #expect(try await stranger.register(customer, in: fixture)?.word == "locked")
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
        }
    }

    @Test func aHostWithoutInitiatorIsRegisteredWithNothingAssociatedAndToldSo() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer), initiators: [])
            guard case .accepted(let acceptance)? = try await host.register(customer, in: fixture) else {
                Issue.record("not accepted")
                return
            }
            #expect(
                acceptance.notes == [
                    "this host has no Fibre Channel, iSCSI or NVMe initiator name: it is registered, and nothing is associated with it"
                ])
            #expect(try await fixture.associations().isEmpty)
        }
    }

    @Test(arguments: [
        ("wrong", "root", "main"), (ControllerFixture.password, "nobody", "main"), (ControllerFixture.password, "root", "elsewhere"),
    ])
    func wrongPasswordUserAndDomainAreOneReasonAndOneText(password: String, user: String, domain: String) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad())
            let outcome = try await host.register(customer, in: fixture, user: user, password: password, domain: domain)
            #expect(outcome?.word == "bad-credentials")
            #expect(outcome?.text == "account, domain, user and password or token do not belong together: check each of them")
            #expect(try await fixture.hosts().isEmpty)
            let refused = try await fixture.audit().filter { $0.outcome == .refused }
            #expect(refused.map(\.action) == ["host.register"])
            #expect(refused.first?.detail.contains("horse") == false)
        }
    }

    @Test func anUnknownAccountIsTheSameReason() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad())
            let outcome = try await host.register(customer, in: fixture, account: AccountID("account-unknown"))
            #expect(outcome?.word == "bad-credentials")
            #expect(outcome?.text == "account, domain, user and password or token do not belong together: check each of them")
        }
    }

    @Test func anExpiredContractIsSaidOnlyToARightPassword() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let now = fixture.clock.now
            try await fixture.store.write {
                _ = try $0.setContract(
                    customer.accountID, ContractTerms(startsAt: now - .seconds(100), endsAt: now - .seconds(1)), by: .provider("test"))
            }
            var host = try fixture.host(on: try await fixture.pad())
            #expect(try await host.register(customer, in: fixture, password: "wrong")?.word == "bad-credentials")
            let outcome = try await host.register(customer, in: fixture)
            #expect(outcome?.word == "contract-expired")
            #expect(outcome?.text == "the account's contract has ended: ask the provider for a new one")
        }
    }

    @Test func aDisabledUserIsToldSoOnlyWithARightPassword() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            try await fixture.store.write { _ = try $0.setState(.disabled, ofUser: customer.userID, by: .provider("test")) }
            var host = try fixture.host(on: try await fixture.pad())
            #expect(try await host.register(customer, in: fixture, password: "wrong")?.word == "bad-credentials")
            let outcome = try await host.register(customer, in: fixture)
            #expect(outcome?.word == "disabled")
            #expect(outcome?.text == "this user is disabled: ask the customer's administrator to enable it")
        }
    }

    @Test func guessesWaitAfterTenFailuresAndTokensDoNot() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad()
            var host = try fixture.host(on: pad)
            for _ in 0..<11 { #expect(try await host.register(customer, in: fixture, password: "wrong")?.word == "bad-credentials") }
            let outcome = try await host.register(customer, in: fixture)
            #expect(outcome?.word == "locked")
            #expect(outcome?.text.contains("too many wrong passwords") == true)
            let token = Array("qmt-token".utf8)
            let expires = fixture.clock.now + .seconds(3_600)
            try await fixture.store.write {
                _ = try $0.createToken(
                    account: customer.accountID, domain: customer.domainID, digest: testDigest(token), uses: 1, expiresAt: expires,
                    by: .provider("test"))
            }
            #expect(try await host.register(customer, in: fixture, token: token)?.word == "accepted")
            var second = try fixture.host(on: pad, name: "web2", machineID: "22222222222222222222222222222222", initiators: [])
            let spent = try await second.register(customer, in: fixture, token: token)
            #expect(spent?.word == "disabled")
            #expect(spent?.text == "this enrolment token was used as often as it may be: ask the customer's administrator for a new one")
        }
    }

    @Test func aRegistrationOlderThanADayIsExpired() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad())
            host.skew = .seconds(-25 * 3_600)
            let outcome = try await host.register(customer, in: fixture)
            #expect(outcome?.word == "expired")
            #expect(outcome?.text.contains("more than 24 hours ago: register again, and check the host's clock") == true)
        }
    }

    @Test(arguments: [-3_600, 3_600])
    func aClockAnHourOffIsNoObstacle(seconds: Int) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad())
            host.skew = .seconds(seconds)
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
        }
    }

    @Test(arguments: [(nil, 45 * 60), (60, 180)] as [(Int64?, Int64)])
    func aHostThatLostItsStateWaitsUntilTheOldKeyHasFallenSilent(heardWithin: Int64?, patience: Int64) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            host.heardWithinSeconds = heardWithin
            _ = try await host.register(customer, in: fixture)
            let old = host
            try host.loseState()
            fixture.clock.advance(by: .seconds(patience - 10))
            let refused = try await host.register(customer, in: fixture)
            #expect(refused?.word == "duplicate-host")
            #expect(refused?.text.contains("web1") == true)
            guard case .refused(let refusal)? = refused else { return }
            #expect(refusal.retryAfterSeconds == 10)
            #expect(try await fixture.notifications().map(\.notification.kind) == [.duplicateHost])
            fixture.clock.advance(by: .seconds(10))
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            #expect(host.hostID == old.hostID)
            #expect(try await fixture.hosts().count == 1)
            let told = try await fixture.notifications().map(\.notification).filter { $0.kind == .keyReplaced }
            #expect(told.map(\.accountID) == [customer.accountID])
            // The old key speaks again: a clone.
            var clone = old
            let outcome = try await clone.exchange(clone.report, in: fixture)
            #expect(outcome?.word == "revoked")
            #expect(try await fixture.notifications().map(\.notification.kind).contains(.revokedKeyHeard))
        }
    }

    @Test func aLivingHostKeepsItsIdentity() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            var clone = host
            try clone.loseState()
            // It says something every five minutes, and of its silence since its last report of free space.
            let usage = MessageBody.freeSpace(
                FreeSpaceReport(measuredAt: fixture.clock.now, heardWithinSeconds: 300, fileSystems: []))
            for _ in 0..<5 {
                #expect(try await host.exchange(usage, in: fixture)?.word == "received")
                fixture.clock.advance(by: .seconds(300))
                #expect(try await clone.register(customer, in: fixture)?.word == "duplicate-host")
            }
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            let told = try await fixture.notifications()
            #expect(told.map(\.notification.kind) == [.duplicateHost])
            #expect(told.first?.occurrences == 5)
        }
    }

    @Test func aReleaseLetsANewKeyInAtOnce() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer, interval: .seconds(60)))
            _ = try await host.register(customer, in: fixture)
            let id = try #require(host.hostID)
            try host.loseState()
            #expect(try await host.register(customer, in: fixture)?.word == "duplicate-host")
            try await fixture.store.write { try $0.releaseHost(id) }
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            // Once.
            try host.loseState()
            #expect(try await host.register(customer, in: fixture)?.word == "duplicate-host")
        }
    }

    @Test func registeringOnAnotherCustomersPadIsRefused() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let other = try await fixture.customer("other")
            var host = try fixture.host(on: try await fixture.pad(of: other))
            let outcome = try await host.register(customer, in: fixture)
            #expect(outcome?.word == "wrong-pad")
            #expect(outcome?.text.contains("another customer's") == true)
        }
    }

    @Test func aSuspendedHostIsRefusedAndAResumedOneHeard() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            let id = try #require(host.hostID)
            try await fixture.store.write { try $0.suspendHost(id) }
            #expect(try await host.exchange(host.report, in: fixture)?.word == "suspended")
            #expect(try await host.register(customer, in: fixture)?.word == "suspended")
            try await fixture.store.write { try $0.resumeHost(id) }
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
        }
    }

    @Test func aRemovedHostKeepsItsRecordAndNothingElse() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            let id = try #require(host.hostID)
            try await fixture.store.write { _ = try $0.removeHost(id, by: .provider("test")) }
            #expect(try await fixture.hosts().map(\.state) == [.unregistered])
            #expect(try await fixture.associations().isEmpty)
            #expect(try await host.exchange(host.report, in: fixture)?.word == "revoked")
            #expect(try await host.register(customer, in: fixture)?.word == "revoked")
        }
    }

    @Test func farewellEndsAHostAndItMayRegisterAgain() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            let id = host.hostID
            #expect(try await host.exchange(.farewell(Farewell()), in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.state) == [.unregistered])
            #expect(try await host.exchange(host.report, in: fixture)?.word == "not-registered")
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            #expect(host.hostID == id)
            #expect(try await fixture.hosts().map(\.state) == [.registered])
        }
    }

    @Test func aHostThatWasNeverRegisteredIsToldToRegister() async throws {
        try await ControllerFixture.run { fixture in
            var host = try fixture.host(on: try await fixture.pad())
            let outcome = try await host.exchange(host.report, in: fixture)
            #expect(outcome?.word == "not-registered")
            #expect(outcome?.text == "this key belongs to no registered host: register first")
        }
    }

    @Test func whoReadsARefusalAndSaysSoIsDoneWith() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            #expect(try await host.register(customer, in: fixture, password: "wrong")?.word == "bad-credentials")
            let before = try await fixture.audit().count
            for reply in try host.replies() {
                try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
            }
            try await fixture.pass()
            #expect(try host.replies().isEmpty)
            // Nor is a word for what was never said answered, or written down as an attack.
            try host.send(.acknowledgement(Acknowledgement(of: .random(), outcome: .received)))
            try await fixture.pass()
            #expect(try host.replies().isEmpty)
            #expect(try await fixture.audit().count == before)
            try await fixture.intake.keepHouse()
            #expect(try host.pad.medium.stamp(.replies(host.key.fingerprint)) == nil)
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")

            // A revoked key: the alarm stays, and the answer goes.
            let id = try #require(host.hostID)
            _ = try await fixture.store.write { try $0.removeHost(id, by: .provider("test")) }
            for reply in try host.replies() {
                try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
            }
            try await fixture.pass()
            #expect(try host.replies().isEmpty)
            #expect(try await fixture.audit().contains { $0.action == "message.acknowledgement" } == false)
            #expect(try await fixture.notifications().contains { $0.notification.kind == .revokedKeyHeard })
        }
    }
}
