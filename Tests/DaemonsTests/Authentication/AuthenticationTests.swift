import Daemons
import Identifiers
import Provider
import Sealing
import Store
import TestSupport
import Testing

@Suite struct CheckingCredentials {
    /// A customer with a domain, a server-admin `anna` with the password `right`, and what checks it.
    struct Scene: Sendable {
        let store: Store
        let time: ManualTime
        let hasher = CountingHasher()
        let memory = PasswordMemory()
        let authentication: Authentication
        let account: AccountID
        let domain: DomainID
        let anna: UserID
        let pad = PadID.random()

        static let root = Actor.provider("root")

        init(store: Store, time: ManualTime, role: Role = .serverAdmin) async throws {
            let hash = try hasher.hash(Array("right".utf8))
            let made = try await store.write { transaction in
                let account = try transaction.createAccount(name: Name("Example"), by: Self.root)
                let domain = try transaction.createDomain(account: account.id, name: Name("east"), by: Self.root)
                let anna = try transaction.createUser(
                    account: account.id, domain: domain.id, name: Name("anna"), role: role, passwordHash: hash, by: Self.root)
                return (account.id, domain.id, anna.id)
            }
            (account, domain, anna) = made
            self.store = store
            self.time = time
            authentication = Authentication(store: store, hasher: hasher, memory: memory, clock: time.clock)
        }

        func credentials(
            account: AccountID? = nil, domain: String = "east", user: String = "anna", _ password: String, pad: PadID? = nil
        ) -> Credentials {
            Credentials(
                account: account ?? self.account, domain: domain, secret: .password(user: user, Array(password.utf8)), pad: pad ?? self.pad)
        }

        /// Both steps, as intake does them.
        func check(_ credentials: Credentials) async throws -> AuthenticationOutcome.Decision {
            let outcome = try await authentication.verify(credentials)
            return try await store.write { try outcome.settle(in: $0) }
        }

        func reason(_ credentials: Credentials) async throws -> HostRefusal.Reason? {
            if case .refused(let refusal) = try await check(credentials) { refusal.reason } else { nil }
        }
    }

    private func withScene(role: Role = .serverAdmin, _ body: (Scene) async throws -> Void) async throws {
        try await withStore { store, time in try await body(Scene(store: store, time: time, role: role)) }
    }

    @Test func `unknown account, domain and user and a wrong password are one refusal, for one hash each`() async throws {
        try await withScene { scene in
            let attempts = [
                scene.credentials(account: .random(), "right"), scene.credentials(domain: "west", "right"),
                scene.credentials(user: "ben", "right"), scene.credentials("wrong"), scene.credentials(user: "", ""),
            ]
            var decisions: [AuthenticationOutcome.Decision] = []
            for attempt in attempts {
                decisions.append(try await scene.check(attempt))
                let verified = scene.hasher.takeVerified()
                #expect(verified.count == 1)
                // The same work: the dummy has the parameters of a real hash.
                #expect(verified.first.flatMap(Scrypt.parameters(of:)) == .weak)
            }
            #expect(decisions.allSatisfy { $0 == decisions[0] })
            guard case .refused(let refusal) = decisions[0] else {
                Issue.record("accepted")
                return
            }
            #expect(refusal.reason == .badCredentials)
            #expect(refusal.text.contains("check each of them"))
        }
    }

    @Test func `a right password is accepted, and remembered for minutes`() async throws {
        try await withScene { scene in
            let decision = try await scene.check(scene.credentials("right"))
            guard case .accepted(let identity) = decision else {
                Issue.record("\(decision)")
                return
            }
            #expect(identity.userID == scene.anna)
            #expect(identity.domainID == scene.domain)
            #expect(scene.hasher.takeVerified().count == 1)
            for _ in 0..<50 { #expect(try await scene.check(scene.credentials("right")) == decision) }
            #expect(scene.hasher.takeVerified().count == 0)
            scene.time.advance(by: .seconds(301))
            #expect(try await scene.check(scene.credentials("right")) == decision)
            #expect(scene.hasher.takeVerified().count == 1)
        }
    }

    @Test func `a thousand hosts of one administrator at once cost one hash`() async throws {
        try await withScene { scene in
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<1_000 {
                    group.addTask {
                        if case .accepted = try await scene.authentication.verify(scene.credentials("right")).decision {
                            true
                        } else {
                            false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == 1_000)
            // The others wait for what the first one finds out.
            #expect(scene.hasher.takeVerified().count == 1)
        }
    }

    @Test func `a changed password, a disabled user and an expired contract count at once`() async throws {
        try await withScene { scene in
            #expect(try await scene.reason(scene.credentials("right")) == nil)
            let hash = try scene.hasher.hash(Array("new".utf8))
            try await scene.store.write { try $0.setPasswordHash(hash, ofUser: scene.anna, by: Scene.root) }
            #expect(try await scene.reason(scene.credentials("right")) == .badCredentials)
            #expect(try await scene.reason(scene.credentials("new")) == nil)
            try await scene.store.write { try $0.setState(.disabled, ofUser: scene.anna, by: Scene.root) }
            // Said only to a right password.
            #expect(try await scene.reason(scene.credentials("new")) == .disabled)
            #expect(try await scene.reason(scene.credentials("right")) == .badCredentials)
            try await scene.store.write { try $0.setState(.enabled, ofUser: scene.anna, by: Scene.root) }
            let terms = try ContractTerms(startsAt: scene.time.now - .seconds(10), endsAt: scene.time.now)
            try await scene.store.write { try $0.setContract(scene.account, terms, by: Scene.root) }
            #expect(try await scene.reason(scene.credentials("new")) == .contractExpired)
            #expect(try await scene.reason(scene.credentials("right")) == .badCredentials)
            try await scene.store.write { try $0.closeAccount(scene.account, by: Scene.root) }
            #expect(try await scene.reason(scene.credentials("new")) == .disabled)
        }
    }

    @Test func `a user who is disabled between the two steps is refused in the second`() async throws {
        try await withScene { scene in
            let outcome = try await scene.authentication.verify(scene.credentials("right"))
            try await scene.store.write { try $0.setState(.disabled, ofUser: scene.anna, by: Scene.root) }
            let decision = try await scene.store.write { try outcome.settle(in: $0) }
            guard case .refused(let refusal) = decision else {
                Issue.record("accepted")
                return
            }
            #expect(refusal.reason == .disabled)
        }
    }

    @Test func `an end-user's right password registers nothing`() async throws {
        try await withScene(role: .endUser) { scene in
            let reasons = [
                try await scene.reason(scene.credentials("right")), try await scene.reason(scene.credentials("wrong")),
            ]
            #expect(reasons == [.notPermitted, .badCredentials])
        }
    }

    @Test func `ten wrong guesses are free, then guesses wait unread, the right one too`() async throws {
        try await withScene { scene in
            for _ in 0..<10 { #expect(try await scene.reason(scene.credentials("wrong")) == .badCredentials) }
            #expect(try await scene.reason(scene.credentials("wrong")) == .badCredentials)
            #expect(scene.hasher.takeVerified().count == 11)
            let decision = try await scene.check(scene.credentials("right"))
            guard case .refused(let refusal) = decision else {
                Issue.record("accepted")
                return
            }
            #expect(refusal.reason == .locked)
            #expect(refusal.retryAfter == .seconds(1))
            #expect(refusal.text.contains("quartermaster user unlock"))
            // Nothing was hashed, and waiting guesses do not make the wait longer.
            #expect(scene.hasher.takeVerified().count == 0)
            scene.time.advance(by: .seconds(1))
            #expect(try await scene.reason(scene.credentials("wrong", pad: .random())) == .badCredentials)
            #expect(try await scene.reason(scene.credentials("wrong", pad: .random())) == .locked)
            scene.time.advance(by: .seconds(2))
            #expect(try await scene.reason(scene.credentials("right", pad: .random())) == nil)
            // The user's failures are forgotten, the pad's are not.
            #expect(try await scene.reason(scene.credentials("wrong", pad: .random())) == .badCredentials)
        }
    }

    @Test func `an unknown user waits like a known one, and a restart changes nothing`() async throws {
        try await withScene { scene in
            for _ in 0..<11 { #expect(try await scene.reason(scene.credentials(user: "nobody", "x", pad: .random())) == .badCredentials) }
            #expect(try await scene.reason(scene.credentials(user: "nobody", "x", pad: .random())) == .locked)
            let restarted = Authentication(store: scene.store, hasher: scene.hasher, clock: scene.time.clock)
            let outcome = try await restarted.verify(scene.credentials(user: "nobody", "x", pad: .random()))
            guard case .refused(let refusal) = outcome.decision else {
                Issue.record("accepted")
                return
            }
            #expect(refusal.reason == .locked)
        }
    }

    @Test func `guesses for many names from one pad wait too, and not those from another`() async throws {
        try await withScene { scene in
            for number in 0..<11 {
                let reason = try await scene.reason(scene.credentials(user: "user \(number)", "x"))
                #expect(reason == .badCredentials)
            }
            let reasons = [
                try await scene.reason(scene.credentials("right")), try await scene.reason(scene.credentials("right", pad: .random())),
            ]
            #expect(reasons == [.locked, nil])
        }
    }

    @Test func `guesses found in one batch wait before any of them is written`() async throws {
        try await withScene { scene in
            var reasons: [HostRefusal.Reason] = []
            for _ in 0..<15 {
                guard case .refused(let refusal) = try await scene.authentication.verify(scene.credentials("wrong")).decision else {
                    continue
                }
                reasons.append(refusal.reason)
            }
            #expect(reasons.count(where: { $0 == .badCredentials }) == 11)
            #expect(reasons.count(where: { $0 == .locked }) == 4)
        }
    }

    @Test func `unlocking a user makes the next guess be looked at`() async throws {
        try await withScene { scene in
            for _ in 0..<12 { _ = try await scene.check(scene.credentials("wrong", pad: .random())) }
            #expect(try await scene.reason(scene.credentials("right", pad: .random())) == .locked)
            let user = try await scene.store.write { try $0.unlockUser(scene.anna, by: Scene.root) }
            scene.authentication.forget(user, domain: "east")
            #expect(try await scene.reason(scene.credentials("right", pad: .random())) == nil)
        }
    }

    @Test func `an unlocked user gets in from a pad whose guesses wait, and nobody else does`() async throws {
        try await withScene { scene in
            for number in 0..<14 { _ = try await scene.reason(scene.credentials(user: "user \(number)", "x")) }
            for _ in 0..<12 { _ = try await scene.reason(scene.credentials("wrong", pad: .random())) }
            #expect(try await scene.reason(scene.credentials("right")) == .locked)
            let user = try await scene.store.write { try $0.unlockUser(scene.anna, by: Scene.root) }
            scene.authentication.forget(user, domain: "east")
            #expect(try await scene.reason(scene.credentials("right")) == nil)
            #expect(try await scene.reason(scene.credentials(user: "ben", "x")) == .locked)
            // Its own wrong guesses make it wait as ever.
            for _ in 0..<11 { #expect(try await scene.reason(scene.credentials("wrong")) == .badCredentials) }
            #expect(try await scene.reason(scene.credentials("right", pad: .random())) == .locked)
        }
    }

    @Test func `an unlocking lasts for a day`() async throws {
        try await withScene { scene in
            _ = try await scene.store.write { try $0.unlockUser(scene.anna, by: Scene.root) }
            scene.time.advance(by: .seconds(86_400))
            for number in 0..<11 { _ = try await scene.reason(scene.credentials(user: "user \(number)", "x")) }
            #expect(try await scene.reason(scene.credentials("right")) == .locked)
        }
    }

    @Test func `a known key waits for its own wrong guesses alone`() async throws {
        try await withScene { scene in
            let (known, other) = (try PrivateKey.generate().fingerprint, try PrivateKey.generate().fingerprint)
            func of(_ key: Fingerprint, _ password: String) -> Credentials {
                Credentials(
                    account: scene.account, domain: "east", secret: .password(user: "anna", Array(password.utf8)), pad: scene.pad,
                    knownKey: key)
            }
            for _ in 0..<14 { _ = try await scene.reason(scene.credentials("wrong")) }
            #expect(try await scene.reason(scene.credentials("right")) == .locked)
            #expect(try await scene.reason(of(known, "right")) == nil)
            for _ in 0..<11 { #expect(try await scene.reason(of(known, "wrong")) == .badCredentials) }
            #expect(try await scene.reason(of(known, "right")) == .locked)
            #expect(try await scene.reason(of(other, "right")) == nil)
        }
    }

    @Test func `a right password takes the user's wrong ones back from the pad's count`() async throws {
        try await withScene { scene in
            // Ten a day on a busy pad would otherwise make everybody wait.
            for _ in 0..<5 {
                for _ in 0..<4 { #expect(try await scene.reason(scene.credentials("wrong")) == .badCredentials) }
                #expect(try await scene.reason(scene.credentials("right")) == nil)
            }
            // What was guessed for others stays.
            for number in 0..<10 { _ = try await scene.reason(scene.credentials(user: "user \(number)", "x")) }
            #expect(try await scene.reason(scene.credentials("right")) == nil)
            #expect(try await scene.reason(scene.credentials(user: "user 11", "x")) == .badCredentials)
            #expect(try await scene.reason(scene.credentials("right")) == .locked)
        }
    }

    @Test func `a hash that cannot be read is a wrong password, and an alarm`() async throws {
        try await withScene { scene in
            try await scene.store.write { transaction in
                _ = try transaction.execute("UPDATE users SET password_hash = '$scrypt$damaged' WHERE id = ?", scene.anna)
            }
            #expect(try await scene.reason(scene.credentials("right")) == .badCredentials)
            let notifications = try await scene.store.read { try $0.notifications().elements }
            #expect(notifications.map(\.notification.kind) == [.damagedPassword])
        }
    }

    @Test func `a token is never made to wait, and counts once for each registration`() async throws {
        try await withScene { scene in
            let text = Array("qmt-token".utf8)
            try await scene.store.write { transaction in
                _ = try transaction.createToken(
                    account: scene.account, domain: scene.domain, digest: SHA256.digest(text), uses: 2,
                    expiresAt: scene.time.now + .seconds(3_600), by: Scene.root)
            }
            for _ in 0..<12 { _ = try await scene.check(scene.credentials("wrong")) }
            _ = scene.hasher.takeVerified()
            func token(_ text: [UInt8], domain: String? = nil, account: AccountID? = nil) -> Credentials {
                Credentials(account: account ?? scene.account, domain: domain, secret: .token(text), pad: scene.pad)
            }
            #expect(try await scene.reason(token(text)) == nil)
            #expect(try await scene.reason(token(text, domain: "west")) == .badCredentials)
            #expect(try await scene.reason(token(text, account: .random())) == .badCredentials)
            #expect(try await scene.reason(token(Array("qmt-other".utf8))) == .badCredentials)
            // Two looked at before one is kept: the second transaction sees that it is used up.
            let first = try await scene.authentication.verify(token(text, domain: "east"))
            let second = try await scene.authentication.verify(token(text))
            let decisions = try await scene.store.write { [try first.settle(in: $0), try second.settle(in: $0)] }
            guard case .accepted(let identity) = decisions[0], case .refused(let refusal) = decisions[1] else {
                Issue.record("\(decisions)")
                return
            }
            #expect(identity.tokenID != nil)
            #expect(refusal.text.contains("was used as often as it may be"))
            #expect(scene.hasher.takeVerified().isEmpty)
        }
    }

    @Test func `credentials do not show their secret`() {
        let credentials = Credentials(account: .random(), domain: "east", secret: .password(user: "anna", Array("s3cret".utf8)), pad: nil)
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!"\(credentials) \(String(reflecting: credentials)) \(dumped)".contains("115"))
    }
}
