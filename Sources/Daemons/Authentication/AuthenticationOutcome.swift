import Identifiers
import Provider
import Store

/// What somebody wants to be let in for.
package enum AuthenticationPurpose: Sendable {
    /// Of a host: the contract must hold, and the role allow it.
    case registration
    /// To ask the controller: somebody whose contract has ended may still read what there is.
    case session
}

/// What somebody shows to be let in. Never printed.
package struct Credentials: Sendable {
    package enum Secret: Sendable {
        case password(user: String, [UInt8])
        case token([UInt8])
    }

    package let account: AccountID
    /// May be left out with a token, which belongs to one.
    package let domain: String?
    package let secret: Secret
    /// Where it came from, whose wrong guesses are counted beside the user's: a pad, or somebody on this machine.
    package let origin: GuessSubject?
    /// The active key of a host of that account which signed it: nobody's wrong guesses but its own make it wait.
    package let knownKey: Fingerprint?

    package init(account: AccountID, domain: String?, secret: Secret, origin: GuessSubject?, knownKey: Fingerprint? = nil) {
        self.account = account
        self.domain = domain
        self.secret = secret
        self.origin = origin
        self.knownKey = knownKey
    }

    package init(account: AccountID, domain: String?, secret: Secret, pad: PadID?, knownKey: Fingerprint? = nil) {
        self.init(account: account, domain: domain, secret: secret, origin: pad.map { .pad($0) }, knownKey: knownKey)
    }
}

extension Credentials: CustomStringConvertible, CustomReflectable {
    package var description: String {
        switch secret {
        case .password(let user, _): "password of \(user) in \(domain ?? "no domain") of \(account)"
        case .token: "token for \(account)"
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Who was let in.
package struct Identity: Equatable, Sendable {
    package let accountID: AccountID
    package let domainID: DomainID
    /// Nil for a token: it stands for whoever holds it.
    package let userID: UserID?
    package let role: Role?
    /// The token, where it was one.
    package let tokenID: TokenID?

    /// For the audit log.
    package func actor(otherwise: Actor) -> Actor { userID.map(Actor.user) ?? otherwise }
}

/// What came of looking at credentials, without a word written yet; `settle` keeps it.
package struct AuthenticationOutcome: Equatable, Sendable {
    package enum Decision: Equatable, Sendable {
        case accepted(Identity)
        case refused(HostRefusal)
    }

    package let decision: Decision
    /// Whose wrong guesses become one more.
    let failed: [GuessSubject]
    /// Whose wrong guesses are forgotten, beginning with the user.
    let succeeded: [GuessSubject]
    /// Whose count the user's wrong guesses are taken back from.
    let forgiven: GuessSubject?
    /// Whose password hash cannot be read.
    let damaged: UserID?
    let tokenDigest: [UInt8]?
    let purpose: AuthenticationPurpose

    init(
        _ decision: Decision, failed: [GuessSubject] = [], succeeded: [GuessSubject] = [], forgiven: GuessSubject? = nil,
        damaged: UserID? = nil,
        tokenDigest: [UInt8]? = nil, purpose: AuthenticationPurpose = .registration
    ) {
        self.forgiven = forgiven
        self.damaged = damaged
        self.purpose = purpose
        self.decision = decision
        self.failed = failed
        self.succeeded = succeeded
        self.tokenDigest = tokenDigest
    }

    /// Keeps the outcome in the transaction that the registration is part of: counts or forgets wrong guesses, counts a token's use, and looks
    /// again at what may have changed since. Returns the decision that holds.
    package func settle(in transaction: WriteTransaction) throws -> Decision {
        for subject in failed { try transaction.recordFailure(subject) }
        if let damaged { try alarm(damaged, in: transaction) }
        guard case .accepted(let identity) = decision else { return decision }
        if let refusal = try transaction.refusal(account: identity.accountID, for: purpose) { return .refused(refusal) }
        if let userID = identity.userID {
            guard let user = try transaction.user(userID) else { return .refused(.badCredentials) }
            if user.state == .disabled { return .refused(.disabledUser) }
        }
        if let tokenDigest {
            switch try transaction.consumeToken(digest: tokenDigest) {
            case .consumed: break
            case .unknown: return .refused(.badCredentials)
            case .spent(_, let state): return .refused(.spentToken(state))
            }
        }
        if let user = succeeded.first, let forgiven, let own = try transaction.throttle(user)?.failures {
            try transaction.forgiveFailures(forgiven, own)
        }
        for subject in succeeded { try transaction.forgetFailures(subject) }
        return decision
    }

    private func alarm(_ id: UserID, in transaction: WriteTransaction) throws {
        guard let user = try transaction.user(id) else { return }
        let isToBeAudited = try transaction.notify(
            Notification(
                kind: .damagedPassword, severity: .alarm, accountID: user.accountID, subject: id.text,
                text: "the password hash of user \(id) (\(user.name)) cannot be read, and nobody gets in with it: set a new password"))
        guard isToBeAudited else { return }
        try transaction.audit(
            actor: .daemon("authentication"), action: "user.damaged-password", subject: id.text, outcome: .failed,
            account: user.accountID)
    }
}

extension ReadTransaction {
    /// Why nobody of an account may be let in now; nil: nothing speaks against it. An account without a contract is not refused.
    func refusal(account: AccountID, for purpose: AuthenticationPurpose = .registration) throws -> HostRefusal? {
        guard let found = try self.account(account) else { return .badCredentials }
        return HostRefusal.of(account: found.state, contract: purpose == .registration ? try contractState(account) : nil)
    }
}

extension HostRefusal {
    /// One text for an unknown account, domain and user and a wrong password: none of them shows.
    package static let badCredentials = HostRefusal(
        .badCredentials, "account, domain, user and password or token do not belong together: check each of them")
    static let disabledUser = HostRefusal(.disabled, "this user is disabled: ask the customer's administrator to enable it")

    static func locked(until: Timestamp, now: Timestamp) -> HostRefusal {
        HostRefusal(
            .locked, "too many wrong passwords: try again after \(until), use an enrolment token, or ask for `quartermaster user unlock`",
            retryAfter: until - now)
    }

    static func mayNotRegister(_ role: Role) -> HostRefusal {
        HostRefusal(.notPermitted, "a user of role \(role.rawValue) may not register hosts: use a server-admin's login")
    }

    static func spentToken(_ state: EnrolmentToken.State) -> HostRefusal {
        let word =
            switch state {
            case .revoked: "was revoked"
            case .expired: "has expired"
            case .usedUp: "was used as often as it may be"
            case .usable: "cannot be used"
            }
        return HostRefusal(.disabled, "this enrolment token \(word): ask the customer's administrator for a new one")
    }

    static func of(account: Account.State, contract: Contract.State?) -> HostRefusal? {
        if account == .closed { return HostRefusal(.disabled, "this account is closed: ask the provider") }
        return switch contract {
        case .expired: HostRefusal(.contractExpired, "the account's contract has ended: ask the provider for a new one")
        case .notYetStarted: HostRefusal(.contractExpired, "the account's contract has not begun yet: ask the provider from when it holds")
        case .open, nil: nil
        }
    }
}
