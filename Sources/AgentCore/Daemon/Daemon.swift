import CLinux
import Files
import Glibc
import Identifiers
import ScratchPad

/// `run`: one thread that sleeps until a signal, a device event or the next time that something is due, and does it.
package struct Daemon: ~Copyable {
    private let signals: SignalDescriptor
    private let monitor: DeviceMonitor?
    /// Wakes the daemon when something is due, also where the machine slept meanwhile.
    private let timer: WakeTimer
    private let notification: ServiceNotification
    private let clock: HostClock
    private let log: Log
    private let reload: () throws(AgentError) -> AgentConfiguration
    private let context: AgentContext
    private let stateDirectory: StateDirectory
    private var configuration: AgentConfiguration
    /// What this began with, and the narrowest limits since: some of it holds until it ends.
    private var started: AgentConfiguration
    private var rounds: Rounds
    /// As it was written last.
    private var report: DaemonReport
    private var savedReport: DaemonReport?
    /// Where this daemon wrote metrics last.
    private var metricsWritten: String?
    private var conditions = Conditions()
    /// Held until the daemon ends.
    private let turn: FileLock

    /// While events are gathered, they are taken this seldom: each by itself would wake the daemon.
    private static let gatheringPause = Duration.milliseconds(200)

    /// `reload` reads the configuration again, options included; `registrationFile` is where a `register.conf` is looked for. Signals are
    /// blocked from here on. Throws `.alreadyRunning` where another daemon works on the same state directory.
    package init(
        stateDirectory: StateDirectory, configuration: AgentConfiguration, context: AgentContext, notification: ServiceNotification,
        hasDeviceEvents: Bool, registrationFile: String? = nil, reload: @escaping () throws(AgentError) -> AgentConfiguration
    ) throws(AgentError) {
        quartermaster_keep_one_heap()
        let turn = try stateDirectory.lockForDaemon()
        let signals = try SignalDescriptor()
        let timer = try WakeTimer()
        self.turn = turn
        self.stateDirectory = stateDirectory
        self.configuration = configuration
        started = configuration
        report = DaemonReport(startedAt: context.clock.now(), process: getpid())
        report.refusedLimits = configuration.limits.apply()
        for text in report.refusedLimits { context.log.warning("cannot limit this process: \(text)") }
        self.signals = signals
        self.timer = timer
        monitor = hasDeviceEvents && configuration.events ? DeviceMonitor() : nil
        self.notification = notification
        clock = context.clock
        self.reload = reload
        var context = context
        context.log.limit = LogLimit(clock: context.clock)
        context.facts = context.facts.observed(by: context.observations, clock: context.clock)
        let stop = PadPatience.Stop(descriptor: signals.number) { signals.isStopWaiting }
        context.patience?.stop = stop
        context.privileged?.stop = stop
        context.privilegedFacts?.heed(stop)
        rounds = Rounds(
            stateDirectory: stateDirectory, configuration: configuration, context: context, registrationFile: registrationFile,
            activity: monitor.map { DeviceActivity($0) },
            links: configuration.events ? LinkWatch(root: context.root.isEmpty ? nil : context.root, clock: context.clock) : nil)
        self.context = context
        log = context.log
        if hasDeviceEvents, configuration.events, monitor == nil { log.warning("no device events here: changes are told at the interval") }
    }

    /// Of the configuration that this began with: what they are of has its default.
    package mutating func tell(_ faults: [ConfigurationFault]) {
        guard !faults.isEmpty else { return }
        let error = AgentError.configuration(faults)
        report.configurationFaults = error.description.split(separator: "\n").map(String.init)
        log.error("what is at fault in the configuration keeps its default: \(error.firstLine)")
    }

    /// Until SIGTERM or SIGINT. What is unanswered then stays in the state, and goes on with the next start.
    package mutating func run() throws(AgentError) {
        try rounds.begin()
        for path in ["\(stateDirectory.path)/\(DaemonReport.fileName)"] + (configuration.metricsFile.map { [$0] } ?? []) {
            do throws(FileError) { try removeTemporaryFiles(of: path) } catch { log.warning("what is left beside \(path) stays: \(error)") }
        }
        work()
        notification.send(.ready)
        rest()
        while true {
            try sleep()
            while let signal = signals.next() {
                switch signal {
                case .stop:
                    notification.send(.stopping)
                    log.info("stopping")
                    removeMetrics()
                    return
                case .reload: reconfigure()
                }
            }
            rounds.takeDeviceEvents()
            if rounds.isDue {
                work()
                rest()
                // It ends, for the service manager to start it anew, where it has more in memory than it may have and cannot give back.
                try configuration.limits.check(resident: Memory.resident())
            }
            if notification.watchdogInterval != nil { notification.send(.watchdog) }
        }
    }

    /// Each pad may take its time: the watchdog is fed between them.
    private mutating func work() {
        let notification = notification
        rounds.work { if notification.watchdogInterval != nil { notification.send(.watchdog) } }
        leaveReport()
    }

    /// For `status` and the metrics. Where the state cannot be written, the rounds have said so.
    private mutating func leaveReport() {
        report.take(context.observations)
        report.registrationTrouble = rounds.registrationTrouble
        report.secretTrouble = rounds.secretTrouble
        report.leftOvers = rounds.leftOvers
        leaveMetrics()
        // What could not be written is tried again, also where all is as it was before.
        guard report != savedReport || conditions.isRaised("report") else { return }
        do throws(AgentError) {
            try stateDirectory.save(report)
            savedReport = report
            if conditions.clear("report") { log.info("\(stateDirectory.path) can be written to again") }
        } catch {
            if let text = conditions.raise("report", "cannot leave what status shows: \(error)") { log.warning(text) }
        }
    }

    private mutating func leaveMetrics() {
        report.metricsTrouble = nil
        guard let path = configuration.metricsFile else { return }
        let survey = rounds.survey()
        var sources = MetricsText.Sources(
            now: context.clock.now(), startedAt: report.startedAt, version: report.version, registrations: survey.registrations,
            observations: context.observations)
        (sources.rounds, sources.deviceEvents) = (rounds.count, rounds.deviceEvents)
        sources.problemCount = HostStatus(survey, daemon: report, isRunning: true).problemCount
        sources.unusableCount = survey.unusable.count
        do throws(FileError) {
            try replaceFile(path, with: Array(MetricsText(sources).text.utf8), mode: 0o644)
            metricsWritten = path
            if conditions.clear("metrics") { log.info("\(path) is written again") }
        } catch {
            report.metricsTrouble = "\(error)"
            if let text = conditions.raise("metrics", "no metrics: \(error)") { log.warning(text) }
        }
    }

    /// What nobody writes any more would be told for ever, as if all were in order.
    private func removeMetrics() {
        guard let path = metricsWritten, unlink(path) != 0, errno != ENOENT else { return }
        log.warning("\(path) stays, with what was so until now: \(FileError.text(of: errno)); remove it")
    }

    /// Gives back what an idle daemon does not need: free heap, and code that runs once a turn.
    private func rest() {
        quartermaster_trim_heap()
        if rounds.next - clock.uptime() > .seconds(2) { quartermaster_release_code() }
    }

    /// Until something is due, a descriptor is readable, or the watchdog wants a sign of life.
    private func sleep() throws(AgentError) {
        let now = clock.uptime()
        var end = max(now, min(rounds.next, rounds.nextLook ?? .seconds(Int64.max)))
        if let watchdog = notification.watchdogInterval { end = min(end, now + watchdog) }
        if rounds.isGathering { end = min(end, now + Self.gatheringPause) }
        // Rounded up: waking a moment early would wake twice.
        try timer.set(end + .milliseconds(1))
        var descriptors = [signals.number, timer.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if let monitor, !rounds.isGathering { descriptors.append(pollfd(fd: monitor.number, events: Int16(POLLIN), revents: 0)) }
        let count = poll(&descriptors, nfds_t(descriptors.count), end == now ? 0 : -1)
        if count < 0, errno != EINTR { throw .file(.system(operation: "wait for", path: "events", errno: errno)) }
    }

    private mutating func reconfigure() {
        var old: String?
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notification.send(.reloading(monotonicMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000))
        do throws(AgentError) {
            let before = configuration
            configuration = try reload()
            rounds.configure(configuration)
            report.configurationFaults = []
            report.refusedLimits = configuration.limits.apply()
            log.info("the configuration was read again")
            started.limits = started.limits.narrowed(by: configuration.limits)
            let later = configuration.keysForNextStart(since: started)
            if !later.isEmpty { log.notice("\(later.joined(separator: ", ")) in agent.conf: from the next start on") }
            // What nobody writes any more would be told for ever.
            if let file = before.metricsFile, file != configuration.metricsFile {
                _ = conditions.clear("metrics")
                old = file
            }
        } catch {
            report.configurationFaults = error.description.split(separator: "\n").map(String.init)
            // One message, however many faults there are.
            log.error("the configuration stays as it was: \(error.firstLine)")
        }
        leaveReport()
        // The same file may have another spelling now.
        if let old, configuration.metricsFile.map({ !Self.isSameFile($0, old) }) ?? true, unlink(old) == 0 {
            log.info("removed \(old): metrics are not written there any more")
        }
        notification.send(.ready)
    }

    private static func isSameFile(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}
