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
    private let activity: DeviceActivity?
    private var links: LinkWatch?
    /// An administrator changed something, and wants it tried now.
    private var isAskedAnew = true
    /// How often there was something to do.
    package private(set) var count: Int64 = 0
    /// How many device events came.
    package private(set) var deviceEvents: Int64 = 0
    /// What keeps the registration that `register.conf` asks for from being made, in words; nil where nothing does.
    package private(set) var registrationTrouble: String?
    /// What keeps the secret of a registration that was accepted from being removed, in words.
    package private(set) var secretTrouble: String?
    /// What a crash left, and cannot be removed.
    private var foundAtStart: [UnusableRegistration] = []
    /// Of it, what is still there.
    package var leftOvers: [UnusableRegistration] { foundAtStart.filter(\.isThere) }

    /// Where nothing is registered yet, somebody may be waiting for it.
    private static let unregisteredPause = Duration.seconds(10)
    /// Between two looks at devices that are changing.
    private static let shortestPause = Duration.milliseconds(200)

    private struct Turn {
        var schedule: Schedule
        var seen = SeenFiles()
        /// Since when an answer is awaited.
        var waitingSince: Duration?
        var interval: Duration
    }

    /// - Parameters:
    ///   - registrationFile: Where a `register.conf` is looked for; nil looks for none.
    ///   - activity: nil where no device events are to be had: then what is found is told at once.
    ///   - links: What sees the changes that come without an event; nil sees them when the facts are compared.
    package init(
        stateDirectory: StateDirectory, configuration: AgentConfiguration, context: AgentContext, registrationFile: String? = nil,
        activity: DeviceActivity? = nil, links: LinkWatch? = nil
    ) {
        self.activity = activity
        self.links = links
        unattended = registrationFile.map { UnattendedRegistration(path: $0, stateDirectory: stateDirectory, context: context) }
        self.stateDirectory = stateDirectory
        self.configuration = configuration
        self.context = context
        lookAt = context.clock.uptime()
    }

    /// Removes what a crash left. `register` may be at work at the same time: then there is nothing of that kind.
    package mutating func begin() throws(AgentError) {
        do throws(AgentError) {
            foundAtStart = try stateDirectory.removeLeftOvers()
            if let text = Self.text(of: foundAtStart) { context.log.warning(text) }
        } catch .busy {}
        _ = links?.look()
    }

    /// The time, since boot, at which something is due.
    package var next: Duration { turns.values.reduce(lookAt) { min($0, $1.schedule.next) } }

    /// The time, since boot, at which `takeDeviceEvents` is to look at the links; nil where there are none, or nobody to tell.
    package var nextLook: Duration? { turns.isEmpty ? nil : isGathering ? links?.nextWhileGathering : links?.next }

    package var isDue: Bool { context.clock.uptime() >= next }

    package mutating func configure(_ configuration: AgentConfiguration) {
        self.configuration = configuration
        context.log.level = configuration.logLevel
        let now = context.clock.uptime()
        lookAt = now
        isAskedAnew = true
        for path in turns.keys { turns[path]?.schedule.changeInterval(now: now, to: configuration.interval) }
    }

    /// Takes the device events that came, and looks at the links where it is time: what they tell of is looked at when it has been quiet for a while.
    package mutating func takeDeviceEvents() {
        var events = activity?.takeEvents() ?? 0
        // The first link comes with an event.
        let isDue = nextLook.map { context.clock.uptime() >= $0 } ?? (events > 0)
        if isDue, links?.look() == true { events += 1 }
        note(events: events)
    }

    private mutating func note(events: Int) {
        guard events > 0 else { return }
        deviceEvents += Int64(events)
        let now = context.clock.uptime()
        for path in turns.keys {
            turns[path]?.schedule.deviceEvent(now: now, settle: configuration.settle, limit: configuration.settleLimit)
        }
        context.privilegedFacts?.invalidate()
    }

    private func mayWait(_ schedule: Schedule) -> Bool {
        schedule.mayWait(now: context.clock.uptime(), settle: configuration.settle, limit: configuration.settleLimit)
    }

    /// Something is going on: as after an event.
    private func postpone(_ schedule: inout Schedule) {
        let pause = max(configuration.settle, Self.shortestPause)
        schedule.deviceEvent(now: context.clock.uptime(), settle: pause, limit: configuration.settleLimit)
    }

    /// Whether events are being gathered, of which something is to be told.
    package var isGathering: Bool { turns.values.contains { $0.schedule.isGathering } }

    /// What `status` would say of the registrations. Where none can be looked for, the directory of all is what cannot be used.
    package func survey() -> StateSurvey {
        do throws(AgentError) {
            return try StateSurvey(of: stateDirectory, now: context.clock.now(), reportInterval: configuration.freeSpaceInterval)
        } catch {
            var survey = StateSurvey()
            survey.unusable = [UnusableRegistration(path: stateDirectory.path, fault: error)]
            return survey
        }
    }

    /// One round. A fault of one registration is told once and tried again at its next turn.
    package mutating func work(afterEach done: () -> Void = {}) {
        count += 1
        context.privilegedFacts?.retry()
        register()
        let before = context.clock.uptime()
        for directory in found() {
            let now = context.clock.uptime()
            var turn = turns[directory.path] ?? Turn(schedule: Schedule(now: now), interval: configuration.interval)
            if turn.schedule.due(now: now).contains(.compare), activity?.isPending() == true, mayWait(turn.schedule) {
                postpone(&turn.schedule)
            }
            let due = turn.schedule.due(now: now)
            var events = 0
            if !due.isEmpty { events = take(&turn, directory, due) }
            turns[directory.path] = turn
            note(events: events)
            if !due.isEmpty { done() }
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
            let contents = try stateDirectory.contents()
            let directories = contents.registrations
            let paths = Set(directories.map(\.path))
            turns = turns.filter { paths.contains($0.key) }
            settle("state", stateDirectory.path)
            if let openness = stateDirectory.openness {
                tell("openness", "\(openness)")
            } else {
                settle("openness", "the mode of \(stateDirectory.path)")
            }
            if let text = Self.text(of: contents.unusable) {
                tell("unusable", text)
            } else {
                settle("unusable", "what is registered under \(stateDirectory.path)")
            }
            tellWhetherRegistered(directories.count)
            return directories
        } catch {
            tell("state", "\(error)")
            return []
        }
    }

    /// One message, however many there are; nil where there is none.
    private static func text(of unusable: [UnusableRegistration]) -> String? {
        guard let first = unusable.first else { return nil }
        let more = unusable.count > 1 ? " (and \(unusable.count - 1) more, which quartermaster-agent status lists)" : ""
        return "\(first.text); it stays as it is\(more). What to do: \(first.remedy)"
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
            registrationTrouble = "\(error)".split(separator: "\n").joined(separator: "; ")
            for line in "\(error)".split(separator: "\n") { tell("registration \(line)", "unattended registration: \(line)") }
        }
    }

    private mutating func tell(_ finding: UnattendedRegistration.Finding) {
        var trouble: String?
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
        case .secretLeft(let path, let reason): trouble = "\(path) cannot be removed: \(reason)"
        case .none, .done: break
        }
        registrationTrouble = nil
        secretTrouble = trouble
        if let trouble {
            tell("secret", "registered; the secret's file \(trouble)")
        } else {
            settle("secret", "the secret's file")
        }
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

    /// Returns how many device events came while the facts were read.
    private mutating func take(_ turn: inout Turn, _ directory: RegistrationDirectory, _ due: Schedule.Work) -> Int {
        var pause: Duration?
        var disturbance = Disturbance()
        do throws(AgentError) {
            pause = try exchange(&turn, directory, due, &disturbance)
            settle(directory.path, "the pad of \(directory.path)")
        } catch .busy {
            // A command has its turn: right after it.
            turn.schedule.exchanged(now: context.clock.uptime(), pause: .milliseconds(200))
            return disturbance.events
        } catch {
            tell(directory.path, "\(error)")
        }
        let now = context.clock.uptime()
        if disturbance.mustWait {
            context.privilegedFacts?.invalidate()
            postpone(&turn.schedule)
        } else if due.contains(.compare) {
            turn.schedule.compared(now: now, interval: turn.interval)
        }
        turn.schedule.exchanged(now: now, pause: pause)
        return disturbance.events
    }

    /// What devices did while the facts of a host that changed were read.
    private struct Disturbance {
        var events = 0
        /// What was found is not told: it may be one half of a change.
        var mustWait = false
    }

    /// Whether what was found by comparing is told now. What comes to light at the interval, without an event, is looked at again after a while too:
    /// it may have begun just now.
    private mutating func isSettled(_ schedule: Schedule, _ disturbance: inout Disturbance) -> Bool {
        guard activity != nil || links?.next != nil else { return true }
        disturbance.events += (activity?.takeEvents() ?? 0) + (links?.look() == true ? 1 : 0)
        let isQuiet = disturbance.events == 0 && schedule.isGathering && activity?.isPending() != true
        disturbance.mustWait = !isQuiet && mayWait(schedule)
        return !disturbance.mustWait
    }

    /// Answers and instructions first, so that what they ask for is sent in the same turn. Returns when to look for answers.
    private mutating func exchange(
        _ turn: inout Turn, _ directory: RegistrationDirectory, _ due: Schedule.Work, _ disturbance: inout Disturbance
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
            // What the links are now is in the facts that are read from here on, and is no event after them; but where a change is being gathered, it goes on.
            if links?.next != nil, links?.look() == true, turn.schedule.isGathering { disturbance.events += 1 }
            let policy = FreeSpacePolicy(interval: configuration.freeSpaceInterval, threshold: configuration.freeSpaceThreshold)
            let sent = try exchange.report(policy) { isSettled(turn.schedule, &disturbance) }
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
