import Identifiers

/// What the daemon does each time it wakes: every registration whose time has come has its turn, and none keeps another from it.
package struct Rounds {
    private let stateDirectory: StateDirectory
    private var configuration: AgentConfiguration
    private var context: AgentContext
    private var turns: [String: Turn] = [:]
    private var conditions = Conditions()
    /// When the directory is looked through for new registrations.
    private var lookAt: Duration
    private var unattended: UnattendedRegistration?
    /// An administrator changed something, and wants it tried now.
    private var isAskedAnew = true
    /// How often there was something to do.
    package private(set) var count: Int64 = 0
    /// What keeps the registration that `register.conf` asks for from being made, in words; nil where nothing does.
    package private(set) var registrationTrouble: String?

    /// Where nothing is registered yet, somebody may be waiting for it.
    private static let unregisteredPause = Duration.seconds(10)

    private struct Turn {
        var schedule: Schedule
        var seen = SeenFiles()
        /// Since when an answer is awaited.
        var waitingSince: Duration?
        var interval: Duration
    }

    /// - Parameter registrationFile: Where a `register.conf` is looked for; nil looks for none.
    package init(
        stateDirectory: StateDirectory, configuration: AgentConfiguration, context: AgentContext, registrationFile: String? = nil
    ) {
        unattended = registrationFile.map { UnattendedRegistration(path: $0, stateDirectory: stateDirectory, context: context) }
        self.stateDirectory = stateDirectory
        self.configuration = configuration
        self.context = context
        lookAt = context.clock.uptime()
    }

    /// Removes what a crash left. `register` may be at work at the same time: then there is nothing of that kind.
    package func begin() throws(AgentError) {
        do throws(AgentError) { try stateDirectory.removeLeftOvers() } catch .busy {}
    }

    /// The time, since boot, at which something is due.
    package var next: Duration { turns.values.reduce(lookAt) { min($0, $1.schedule.next) } }

    package var isDue: Bool { context.clock.uptime() >= next }

    package mutating func configure(_ configuration: AgentConfiguration) {
        self.configuration = configuration
        context.log.level = configuration.logLevel
        let now = context.clock.uptime()
        lookAt = now
        isAskedAnew = true
        for path in turns.keys { turns[path]?.schedule.changeInterval(now: now, to: configuration.interval) }
    }

    package mutating func deviceEvent() {
        context.privilegedFacts?.invalidate()
        let now = context.clock.uptime()
        for path in turns.keys {
            turns[path]?.schedule.deviceEvent(now: now, settle: configuration.settle, limit: configuration.settleLimit)
        }
    }

    /// Whether events are being gathered, of which something is to be told.
    package var isGathering: Bool { turns.values.contains { $0.schedule.isGathering } }

    /// What `status` would say of each registration; those that cannot be read are left out.
    package func statuses() -> [RegistrationStatus] {
        let now = context.clock.now()
        do throws(AgentError) {
            var statuses: [RegistrationStatus] = []
            for directory in try stateDirectory.registrations() {
                if let state = try directory.load() {
                    statuses.append(RegistrationStatus(of: state, now: now, reportInterval: configuration.freeSpaceInterval))
                }
            }
            return statuses
        } catch {
            return []
        }
    }

    /// One round. A fault of one registration is told once and tried again at its next turn.
    package mutating func work(afterEach done: () -> Void = {}) {
        count += 1
        register()
        let before = context.clock.uptime()
        for directory in found() {
            let now = context.clock.uptime()
            var turn = turns[directory.path] ?? Turn(schedule: Schedule(now: now), interval: configuration.interval)
            let due = turn.schedule.due(now: now)
            if due.isEmpty { continue }
            take(&turn, directory, due)
            turns[directory.path] = turn
            done()
        }
        // What came just now may be the answer.
        if turns.values.contains(where: { $0.schedule.next > before }) { register() }
        let now = context.clock.uptime()
        // Together with the next turn, where there is one: no wake-up of its own.
        let pause = unattended == nil ? configuration.interval : min(configuration.interval, Self.unregisteredPause)
        lookAt = turns.isEmpty ? now + pause : turns.values.map(\.schedule.next).min() ?? now + configuration.interval
    }

    private mutating func found() -> [RegistrationDirectory] {
        do throws(AgentError) {
            let directories = try stateDirectory.registrations()
            let paths = Set(directories.map(\.path))
            turns = turns.filter { paths.contains($0.key) }
            settle("state", stateDirectory.path)
            tellWhetherRegistered(directories.count)
            return directories
        } catch {
            tell("state", "\(error)")
            return []
        }
    }

    /// The registration that `register.conf` asks for. A fault is told once, and tried again.
    private mutating func register() {
        guard unattended != nil else { return }
        let soon = isAskedAnew
        isAskedAnew = false
        do throws(AgentError) {
            guard let finding = try unattended?.look(configuration, soon: soon) else { return }
            tell(finding)
        } catch {
            registrationTrouble = "\(error)"
            for line in "\(error)".split(separator: "\n") { tell("registration \(line)", "unattended registration: \(line)") }
        }
    }

    private mutating func tell(_ finding: UnattendedRegistration.Finding) {
        switch finding {
        case .waiting: return
        case .refused(let obstacle, let path):
            let text = """
                the controller refuses the registration that \(path) asks for (\(obstacle.reason)): \(obstacle.text); it is tried again when \
                that file or its secret is changed\(obstacle.retryAt.map { ", or after \($0)" } ?? "")
                """
            registrationTrouble = text
            return tell("registration", text)
        case .sent(let pad, let account):
            context.log.info("registering with \(account) on the pad \(pad)", [.pad: pad, .account: account.text])
        case .accepted(let hostID, let secret):
            context.log.info("registered as \(hostID); removed \(secret)")
        case .none, .done: break
        }
        registrationTrouble = nil
        for subject in conditions.subjects where subject.hasPrefix("registration ") || subject == "registration" {
            _ = conditions.clear(subject)
        }
    }

    private mutating func tellWhetherRegistered(_ count: Int) {
        if count == 0 {
            let text =
                "nothing is registered under \(stateDirectory.path): run quartermaster-agent register, which the daemon then goes on with"
            if let text = conditions.raise("registrations", text) { context.log.warning(text) }
        } else if conditions.clear("registrations") {
            context.log.info("\(count == 1 ? "a registration" : "\(count) registrations") under \(stateDirectory.path) from now on")
        }
    }

    private mutating func take(_ turn: inout Turn, _ directory: RegistrationDirectory, _ due: Schedule.Work) {
        var pause: Duration?
        do throws(AgentError) {
            pause = try exchange(&turn, directory, due)
            settle(directory.path, "the pad of \(directory.path)")
        } catch .busy {
            // A command has its turn: right after it.
            turn.schedule.exchanged(now: context.clock.uptime(), pause: .milliseconds(200))
            return
        } catch {
            tell(directory.path, "\(error)")
        }
        let now = context.clock.uptime()
        if due.contains(.compare) { turn.schedule.compared(now: now, interval: turn.interval) }
        turn.schedule.exchanged(now: now, pause: pause)
    }

    /// Answers and instructions first, so that what they ask for is sent in the same turn. Returns when to look for answers.
    private mutating func exchange(
        _ turn: inout Turn, _ directory: RegistrationDirectory, _ due: Schedule.Work
    ) throws(AgentError) -> Duration? {
        guard var exchange = try Exchange(directory, context: context) else { return nil }
        try exchange.connect()
        let told = exchange.state.told
        let receptions = try exchange.receive(&turn.seen)
        for reception in receptions {
            if case .handled(let entry) = reception, let instruction = entry.instruction {
                context.log.info(
                    "instruction \(instruction) on the pad \(exchange.state.pad.directory): \(entry.outcome?.rawValue ?? "")",
                    [.pad: exchange.state.pad.directory, .instruction: instruction, .outcome: entry.outcome?.rawValue ?? ""])
            }
        }
        if exchange.hasLeft {
            _ = consume exchange
            try Departure(context: context).remove(directory)
            return nil
        }
        turn.interval = exchange.state.intervalSeconds.map { .seconds($0) } ?? configuration.interval
        let isAskedForEverything = told.inventory != nil && exchange.state.told.inventory == nil
        if due.contains(.compare) || isAskedForEverything || exchange.state.nextKey != nil {
            let policy = FreeSpacePolicy(interval: configuration.freeSpaceInterval, threshold: configuration.freeSpaceThreshold)
            let sent = try exchange.report(policy)
            if !sent.isEmpty {
                context.log.debug("sent \(sent.map(\.rawValue).joined(separator: ", ")) on \(exchange.state.pad.directory)")
            }
        }
        try exchange.publishDue()
        tellObstacle(exchange.state, directory)
        return pause(&turn, exchange.state, poll: exchange.poll)
    }

    /// Nil where nothing is awaited.
    private func pause(_ turn: inout Turn, _ state: RegistrationState, poll: Duration) -> Duration? {
        guard !state.outbox.isEmpty, state.mayTry(now: context.clock.now()) else {
            turn.waitingSince = nil
            return nil
        }
        let now = context.clock.uptime()
        let since = turn.waitingSince ?? now
        turn.waitingSince = since
        return Backoff.look(waited: now - since, poll: poll, longest: turn.interval)
    }

    private mutating func tellObstacle(_ state: RegistrationState, _ directory: RegistrationDirectory) {
        guard let obstacle = state.obstacle else { return settle("\(directory.path) refused", state.pad.directory) }
        tell("\(directory.path) refused", "refused by the controller of \(state.pad.directory) (\(obstacle.reason)): \(obstacle.text)")
    }

    private mutating func tell(_ subject: String, _ text: String) {
        if let text = conditions.raise(subject, text) { context.log.warning(text) }
    }

    private mutating func settle(_ subject: String, _ what: String) {
        if conditions.clear(subject) { context.log.info("\(what): in order again") }
    }
}

extension Exchange {
    /// The farewell was answered: key and state may go.
    var hasLeft: Bool { state.phase == .leaving && !state.isUnderway(.farewell) }
}
