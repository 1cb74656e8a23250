import Files
import Glibc
import Identifiers
import Messages

/// The registration that a configuration-management run asks for by dropping `register.conf` beside `agent.conf`, and a file with the secret: the
/// running daemon sends it, removes the secret when the controller has accepted, and tells a refusal once.
package struct UnattendedRegistration: Sendable {
    /// What a look found, for whoever tells it.
    package enum Finding: Equatable, Sendable {
        /// No `register.conf`.
        case none
        /// Registered as it says; the secret is gone.
        case done
        /// Sent, and not answered.
        case waiting
        /// Sent just now.
        case sent(pad: String, account: AccountID)
        /// Accepted, and the secret removed just now: its path, and what somebody is to do about it still.
        case accepted(hostID: HostID, secret: String)
        /// Refused; tried again when `register.conf` or the secret is another.
        case refused(Obstacle, path: String)
        /// Accepted, and the secret cannot be removed.
        case secretLeft(path: String, reason: String)
    }

    private let path: String
    private let enrolment: Enrolment
    private let context: AgentContext
    private var nextTry: Duration
    private var failures = 0
    /// The file and secret that the pauses are of.
    private var tried: String?

    /// - Parameter path: Of `register.conf`.
    package init(path: String, stateDirectory: StateDirectory, context: AgentContext) {
        self.path = path
        self.context = context
        enrolment = Enrolment(stateDirectory: stateDirectory, context: context)
        nextTry = context.clock.uptime()
    }

    /// Looks, and does what is to be done. After an error it is tried again, ten minutes later at the latest; `soon`, and another file or secret, end
    /// the pauses.
    package mutating func look(_ configuration: AgentConfiguration, soon: Bool = false) throws(AgentError) -> Finding {
        if soon { forgetPauses() }
        do throws(AgentError) {
            guard let file = try RegistrationFile.load(path, over: configuration) else { return .none }
            if tried != file.version {
                forgetPauses()
                tried = file.version
            }
            // Where it pauses, nothing went well since the last error.
            guard let finding = try look(file, configuration.registrationFaults) else { return .waiting }
            failures = 0
            return finding
        } catch {
            if context.clock.uptime() >= nextTry { postpone() }
            throw error
        }
    }

    private mutating func forgetPauses() { (failures, nextTry) = (0, context.clock.uptime()) }

    private mutating func postpone() {
        let pause = Duration.seconds(min(600, 30 << min(failures, 5)))
        failures += 1
        nextTry = context.clock.uptime() + pause
    }

    /// Nil while it pauses.
    private mutating func look(_ file: RegistrationFile, _ faults: [ConfigurationFault]) throws(AgentError) -> Finding? {
        switch try enrolment.standing(pad: file.pad, account: file.customer.accountID) {
        case .waiting, .leaving: return .waiting
        case .accepted(let membership): return try finish(file, membership)
        case .open: break
        }
        if let obstacle = try refusal(of: file) { return .refused(obstacle, path: file.path) }
        // It would tell the controller what nobody meant.
        guard faults.isEmpty else { throw .configuration(faults) }
        return try send(file)
    }

    /// Accepted, and in the state: the secret goes. Where the controller has put this host out since, a new secret registers it anew.
    private mutating func finish(_ file: RegistrationFile, _ membership: Membership) throws(AgentError) -> Finding? {
        guard file.hasSecret else { return .done }
        let state = try state(of: file)
        if let state, let refusal = RegistrationStatus(of: state, now: context.clock.now()).refusal,
            refusal != RefusalReason.suspended.rawValue, let obstacle = state.obstacle, !wasAnswered(file, state, at: obstacle.at),
            state.registrationRefusal.map({ !wasAnswered(file, state, at: $0.at) }) ?? true
        {
            return try send(file)
        }
        if let state, let refusal = state.registrationRefusal, wasAnswered(file, state, at: refusal.at) {
            return .refused(refusal, path: file.path)
        }
        do throws(AgentError) {
            let rest = try UnattendedSecret(file: file, context: context).remove()
            return .accepted(hostID: membership.hostID, secret: file.secret.path + (rest.map { "; \($0)" } ?? ""))
        } catch {
            return .secretLeft(path: file.secret.path, reason: "\(error)".split(separator: "\n").joined(separator: "; "))
        }
    }

    /// Whether what was answered at `time` was this very file and secret. The clock, which may have been ahead, is asked only where somebody else
    /// registered, or an earlier version of the agent.
    private func wasAnswered(_ file: RegistrationFile, _ state: RegistrationState, at time: Timestamp) -> Bool {
        if let sent = state.registrationFile { return sent == file.version }
        return time <= context.clock.now() && file.changedAt <= time
    }

    /// The refusal that stands: it was of this very file and secret, and its time is not over.
    private func refusal(of file: RegistrationFile) throws(AgentError) -> Obstacle? {
        guard let state = try state(of: file), state.phase == .refused, let obstacle = state.obstacle else { return nil }
        if let retryAt = obstacle.retryAt, context.clock.now() >= retryAt { return nil }
        return wasAnswered(file, state, at: obstacle.at) ? obstacle : nil
    }

    private func state(of file: RegistrationFile) throws(AgentError) -> RegistrationState? {
        try enrolment.stateDirectory.registration(pad: file.pad, account: file.customer.accountID)?.load()
    }

    private mutating func send(_ file: RegistrationFile) throws(AgentError) -> Finding? {
        guard context.clock.uptime() >= nextTry else { return nil }
        var request = Enrolment.Request(pad: file.pad, customer: file.customer, trust: .pinned(file.controllerKey))
        request.registrationFile = file.version
        // A secret that nothing can be done with is not asked for: a pad that is mounted next week would have it handed over till then.
        try enrolment.requirePad(request)
        let secret = try UnattendedSecret(file: file, context: context).read()
        defer { secret.wipe() }
        let credential: Registration.Credential
        switch file.secret {
        case .password(let user, _): credential = .password(user: user, password: secret.bytes)
        case .token: credential = .token(secret.bytes)
        }
        try enrolment.send(request, credential: credential)
        return .sent(pad: file.pad, account: file.customer.accountID)
    }
}
