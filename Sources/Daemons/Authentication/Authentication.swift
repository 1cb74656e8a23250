import Glibc
import Identifiers
import Provider
import Sealing
import Store

/// Checks credentials. Two steps: `verify` looks, in parallel and without writing; `AuthenticationOutcome.settle` keeps what came of it, in the
/// transaction that the registration is part of.
///
/// - Unknown account, domain and user and a wrong password give one refusal, and cost one hash each.
/// - `disabled` and `contract-expired` are said only to a right password.
/// - Guesses wait by `AuthenticationThrottle`, for the user as claimed and for the pad; tokens never do. While one waits, nothing is hashed.
/// - A registered host's own key waits for its own wrong guesses alone; a user whom an administrator unlocked, for a day, for the user's.
/// - A right password takes back the user's wrong ones, from the pad's count too.
/// - A hash that cannot be read is a wrong password, and an alarm.
/// - A password that was right within minutes is not hashed again (`PasswordMemory`); each wrong one is.
package final class Authentication: Sendable {
    private let store: Store
    private let hasher: any PasswordHasher
    private let memory: PasswordMemory
    private let clock: @Sendable () -> Timestamp
    private let ledger = GuessLedger()
    private let pool: HashingPool

    /// As many as the machine has, and 8 at most: each hash takes 32 MiB.
    package static let processorCount = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 8)

    /// `parallelism`: how many passwords are hashed at a time.
    package init(
        store: Store, hasher: any PasswordHasher = ScryptHasher(), memory: PasswordMemory = PasswordMemory(),
        parallelism: Int = Authentication.processorCount,
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock
    ) {
        self.store = store
        self.hasher = hasher
        self.memory = memory
        self.clock = clock
        pool = HashingPool(width: parallelism)
    }

    /// Passwords that wait to be hashed.
    package var queues: [QueueLength] {
        get async { [QueueLength(daemon: "authentication", queue: "passwords", length: await pool.waitingCount)] }
    }

    /// A new password's hash, for the database.
    package func hash(_ password: [UInt8]) async throws -> String {
        let hasher = hasher
        return try await pool.run(unless: { nil }) { try hasher.hash(password) }
    }

    /// Looks at credentials. Call it for many at once: hashing is bounded here.
    package func verify(_ credentials: Credentials, for purpose: AuthenticationPurpose = .registration) async throws
        -> AuthenticationOutcome
    {
        switch credentials.secret {
        case .token(let token): try await verify(token: token, credentials)
        case .password(let user, let password): try await verify(password: password, of: user, credentials, purpose)
        }
    }

    /// Drops what is remembered of a user; after a disabling, a change of password or an unlocking by an administrator.
    package func forget(_ user: User, domain: String) {
        memory.forget(user.id)
        ledger.forget(.user(account: user.accountID.text, domain: domain, user: user.name))
    }

    // MARK: Passwords

    private enum Found: Sendable {
        case remembered
        case waits(until: Timestamp)
        case hashed(isRight: Bool, isDamaged: Bool)
    }

    private struct Counted: Sendable {
        let subject: GuessSubject
        let throttle: AuthenticationThrottle?
        /// Whether what it counted makes this guess wait.
        let holds: Bool
    }

    private func verify(
        password: [UInt8], of user: String, _ credentials: Credentials, _ purpose: AuthenticationPurpose
    ) async throws -> AuthenticationOutcome {
        let (account, domain) = (credentials.account.text, credentials.domain ?? "")
        let subject = GuessSubject.user(account: account, domain: domain, user: user)
        let key = credentials.knownKey.map { GuessSubject.key($0) }
        // A known key's guesses are not its pad's: who they are from is known.
        let subjects = [subject] + [key ?? credentials.origin].compactMap(\.self)
        let (record, stored) = try await store.read { transaction in
            let record = try transaction.credential(account: account, domain: domain, user: user)
            let own = key ?? (record?.isUnlocked(at: transaction.now) == true ? subject : nil)
            return (
                record,
                try subjects.map {
                    Counted(subject: $0, throttle: try transaction.throttle($0), holds: own == nil || $0 == own)
                }
            )
        }
        // A user without a password is checked as if there were none.
        let hash = record?.passwordHash
        let digest = memory.digest(user: record?.userID ?? Self.nobody, hash: hash ?? hasher.dummy, password: password)
        let found: Found = try await pool.run(
            of: digest, lane: credentials.origin,
            unless: { [memory, ledger, clock] () -> Found? in
                let now = clock()
                let until = stored.filter(\.holds).compactMap { ledger.throttle($0.subject, stored: $0.throttle)?.waitsUntil(at: now) }
                    .max()
                if let until { return .waits(until: until) }
                return memory.remembers(digest, at: now) ? .remembered : nil
            },
            { [hasher, memory, ledger, clock] () throws -> Found in
                var (isRight, isDamaged) = (false, false)
                do { isRight = try hasher.verify(password, against: hash ?? hasher.dummy) && hash != nil } catch {
                    // The same work; what fails again is no fault of the hash.
                    _ = try hasher.verify(password, against: hasher.dummy)
                    isDamaged = true
                }
                let now = clock()
                if isRight, let record {
                    memory.remember(digest, user: record.userID, at: now)
                } else {
                    for entry in stored { ledger.recordFailure(entry.subject, stored: entry.throttle, at: now) }
                }
                return .hashed(isRight: isRight, isDamaged: isDamaged)
            })
        switch found {
        case .waits(let until):
            if let record { memory.forget(record.userID) }
            return AuthenticationOutcome(.refused(.locked(until: until, now: clock())))
        case .hashed(isRight: false, let isDamaged):
            return AuthenticationOutcome(.refused(.badCredentials), failed: subjects, damaged: isDamaged ? record?.userID : nil)
        case .remembered, .hashed(isRight: true, _):
            guard let record else { return AuthenticationOutcome(.refused(.badCredentials), failed: subjects) }
            let forgiven = key == nil ? credentials.origin : nil
            if let forgiven, let own = ledger.throttle(subject, stored: stored.first?.throttle)?.failures { ledger.forgive(forgiven, own) }
            let succeeded = [subject] + [key].compactMap(\.self)
            for subject in succeeded { ledger.forget(subject) }
            return AuthenticationOutcome(decide(record, purpose), succeeded: succeeded, forgiven: forgiven, purpose: purpose)
        }
    }

    /// After a right password: what may be said.
    private func decide(_ record: CredentialRecord, _ purpose: AuthenticationPurpose) -> AuthenticationOutcome.Decision {
        if record.userState == .disabled { return .refused(.disabledUser) }
        let contract = purpose == .registration ? record.contractState : nil
        if let refusal = HostRefusal.of(account: record.accountState, contract: contract) { return .refused(refusal) }
        if purpose == .registration, record.role.scope(of: .registerHosts) == nil { return .refused(.mayNotRegister(record.role)) }
        return .accepted(
            Identity(accountID: record.accountID, domainID: record.domainID, userID: record.userID, role: record.role, tokenID: nil))
    }

    /// Stands for an unknown user where its ID is digested.
    private static let nobody = UserID.random()

    // MARK: Tokens

    private func verify(token: [UInt8], _ credentials: Credentials) async throws -> AuthenticationOutcome {
        let digest = SHA256.digest(token)
        return try await store.read { transaction in
            // Found by its digest: the time that takes says nothing about a token's text.
            guard let found = try transaction.token(digest: digest), found.accountID == credentials.account else {
                return AuthenticationOutcome(.refused(.badCredentials))
            }
            if let name = credentials.domain {
                guard try transaction.domain(account: found.accountID, name: name)?.id == found.domainID else {
                    return AuthenticationOutcome(.refused(.badCredentials))
                }
            }
            let state = found.state(at: transaction.now)
            guard state == .usable else { return AuthenticationOutcome(.refused(.spentToken(state))) }
            if let refusal = try transaction.refusal(account: found.accountID) { return AuthenticationOutcome(.refused(refusal)) }
            return AuthenticationOutcome(
                .accepted(
                    Identity(accountID: found.accountID, domainID: found.domainID, userID: nil, role: nil, tokenID: found.id)),
                tokenDigest: digest)
        }
    }
}
