import Files
import Identifiers
import Inventory
import Messages
import ScratchPad
import Sealing

/// Registers this host on a pad: from the administrator's word to the controller's.
///
/// A registration is found again by its pad and account: what a crash or an impatient administrator broke off goes on where it was. A host
/// that is registered sends another registration, with what it is told this time: what it told before is replaced when that is accepted, and
/// stays as it was when that is refused.
package struct Enrolment: Sendable {
    package let stateDirectory: StateDirectory
    package let context: AgentContext

    package init(stateDirectory: StateDirectory, context: AgentContext) {
        self.stateDirectory = stateDirectory
        self.context = context
    }

    /// What to register, and whom to believe.
    package struct Request: Equatable, Sendable {
        package var pad: String
        package var customer: Customer
        package var trust: PadTrust
        /// The `register.conf` that asks for it; nil where a person does.
        package var registrationFile: String?

        package init(pad: String, customer: Customer, trust: PadTrust) {
            self.pad = pad
            self.customer = customer
            self.trust = trust
        }
    }

    /// How a registration ended.
    package enum Outcome: Equatable, Sendable {
        case accepted(Membership)
        case refused(Obstacle)
    }

    /// Where a registration stands that was begun before.
    package enum Standing: Equatable, Sendable {
        /// Never begun, refused, or broken off before anything was sent.
        case open
        /// Sent, and not answered yet.
        case waiting
        /// Accepted once. Whether it holds, the controller knows.
        case accepted(Membership)
        /// This host has said farewell, and is not answered yet.
        case leaving
    }

    package func standing(pad: String, account: AccountID) throws(AgentError) -> Standing {
        guard let directory = try stateDirectory.registration(pad: pad, account: account), let state = try directory.load() else {
            return .open
        }
        if state.phase != .leaving, state.isUnderway(.registration) { return .waiting }
        switch state.phase {
        case .registering, .refused: return .open
        case .leaving: return .leaving
        case .registered: return state.membership.map { .accepted($0) } ?? .open
        }
    }

    /// What was told with the registration that counts; nil where there is none.
    package func customer(pad: String, account: AccountID) throws(AgentError) -> Customer? {
        try stateDirectory.registration(pad: pad, account: account)?.load()?.customer
    }

    /// Waits until a change of this host's key that is under way has come to its end: the answer to a registration comes to the key that asked.
    package func waitForKey(pad: String, account: AccountID, timeout: Duration) throws(AgentError) {
        guard let directory = try stateDirectory.registration(pad: pad, account: account), try directory.load()?.isChangingKey == true
        else { return }
        let isOver = try Waiting(context: context).wait(for: directory, timeout: timeout) { !$0.isChangingKey }
        guard isOver else { throw .noAnswer(directory: pad, after: timeout.optionText) }
    }

    /// Makes key and message and publishes it. When it returns, waiting can be broken off and taken up again.
    package func send(_ request: Request, credential: Registration.Credential) throws(AgentError) {
        if case .password = credential, request.trust == .onFirstUse { throw .trustOnFirstUseWithPassword }
        let lock = try stateDirectory.lock()
        defer { withExtendedLifetime(lock) {} }
        let directory = try prepare(request)
        guard var exchange = try Exchange(directory, context: context) else { throw .notRegistered(stateDirectory: stateDirectory.path) }
        try exchange.connect()
        guard !exchange.state.isChangingKey else { throw .busy(path: directory.path) }
        if exchange.state.phase == .registered, exchange.state.obstacle?.reason == RefusalReason.revoked.rawValue {
            try exchange.renewKey()
        }
        // The key that was given now was compared with the pad's.
        if request.trust != .onFirstUse { exchange.state.pad.isTrustedOnFirstUse = false }
        exchange.state.registrationFile = request.registrationFile
        try exchange.postRegistration(request.customer, credential: credential)
    }

    /// Waits until the controller has answered, or `timeout` is over: then throws `.noAnswer`.
    package func wait(pad: String, account: AccountID, timeout: Duration) throws(AgentError) -> Outcome {
        guard let directory = try stateDirectory.registration(pad: pad, account: account) else {
            throw .notRegistered(stateDirectory: stateDirectory.path)
        }
        let answered = try Waiting(context: context).wait(for: directory, timeout: timeout) { !$0.isUnderway(.registration) }
        guard answered, let state = try directory.load() else { throw .noAnswer(directory: pad, after: timeout.optionText) }
        switch state.phase {
        case .leaving:
            throw .refused(reason: "leaving", text: "this host was unregistered meanwhile; run quartermaster-agent unregister to its end")
        case .refused:
            try removeRefused(directory)
            if let obstacle = state.obstacle { return .refused(obstacle) }
        case .registered, .registering:
            if let refusal = state.registrationRefusal { return .refused(refusal) }
            if let membership = state.membership { return .accepted(membership) }
        }
        throw .noAnswer(directory: pad, after: timeout.optionText)
    }

    /// Not while another command has found this registration and is about to use it.
    private func removeRefused(_ directory: RegistrationDirectory) throws(AgentError) {
        let lock = try stateDirectory.lock()
        defer { withExtendedLifetime(lock) {} }
        try directory.removeRefused(after: context.reached)
    }

    /// Throws where the pad is not there, or is not one to believe, now.
    func requirePad(_ request: Request) throws(AgentError) {
        _ = try open(request, known: try stateDirectory.registration(pad: request.pad, account: request.customer.accountID)?.load())
    }

    private func open(_ request: Request, known state: RegistrationState?) throws(AgentError) -> HostPad {
        do throws(PadError) {
            return try HostPad.open(context.pad(request.pad), trust: request.trust, known: state?.pad.known, now: context.clock.now())
        } catch {
            throw AgentError(error, directory: request.pad)
        }
    }

    /// The directory of this registration: the one there is, or a new one with a key and the pad's header believed.
    private func prepare(_ request: Request) throws(AgentError) -> RegistrationDirectory {
        let existing = try stateDirectory.registration(pad: request.pad, account: request.customer.accountID)
        let pad = try open(request, known: try existing?.load())
        if let existing { return existing }
        let directory = try stateDirectory.create()
        let lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        let made = try Exchange.makeKey(in: directory)
        try context.reached(.keyWritten)
        let known = pad.verified.known
        if request.trust == .onFirstUse {
            context.log.warning(
                "trusting the controller \(known.controller) of the pad \(request.pad) on first use; compare it with what the provider says"
            )
        }
        try directory.save(
            RegistrationState(
                pad: PadBinding(
                    directory: request.pad, padID: known.padID, controllerKey: known.controller,
                    isTrustedOnFirstUse: request.trust == .onFirstUse, generation: known.generation, epoch: known.epoch,
                    pollMilliseconds: max(1, pad.header.interval.wholeMilliseconds)),
                customer: request.customer, key: made.record))
        let placed = try stateDirectory.place(directory)
        try context.reached(.registrationCreated)
        return placed
    }
}

extension Exchange {
    /// Sends the customer's information and the host's facts. A registration that was refused before begins anew; what a registered host
    /// told before counts until this is accepted.
    mutating func postRegistration(_ customer: Customer, credential: Registration.Credential) throws(AgentError) {
        let inventory = try context.facts.facts(level: customer.level, bootTime: state.told.bootTime)
        let digest = inventory.digest
        try directory.write(RegistrationState.inventoryFile(digest.description), inventory.withoutUsage.jsonBytes)
        try context.reached(.inventoryWritten)
        state.registrationRefusal = nil
        if state.phase != .registered {
            state.customer = customer
            state.phase = .registering
            state.obstacle = nil
        }
        state.told.bootTime = inventory.host.bootTime
        state.told.lastReportAt = context.clock.now()
        let registration = Registration(
            accountID: customer.accountID, domain: customer.domain, credential: credential,
            certificateRequest: try Self.certificateRequest(for: key), level: customer.level, cluster: customer.cluster,
            agentVersion: AgentContext.version, heardWithinSeconds: heardWithinSeconds, inventory: inventory,
            inventoryDigest: digest)
        let fingerprint = key.fingerprint
        try post(.registration(registration)) { message in
            message.inventory = digest.description
            message.customer = customer
            message.requestedKey = fingerprint
        }
    }
}
