import CLinux
import Files
import Glibc
import Identifiers
import ScratchPad

/// `run`: one thread that sleeps until a signal, a device event or the next time that something is due, and does it.
package struct Daemon: ~Copyable {
    private let signals: SignalDescriptor
    private let monitor: DeviceMonitor?
    private let notification: ServiceNotification
    private let clock: HostClock
    private let log: Log
    private let reload: () throws(AgentError) -> AgentConfiguration
    private var rounds: Rounds
    /// Held until the daemon ends.
    private let turn: FileLock

    /// `reload` reads the configuration again, options included. Signals are blocked from here on. Throws `.alreadyRunning` where another daemon
    /// works on the same state directory.
    package init(
        stateDirectory: StateDirectory, configuration: AgentConfiguration, context: AgentContext, notification: ServiceNotification,
        hasDeviceEvents: Bool, reload: @escaping () throws(AgentError) -> AgentConfiguration
    ) throws(AgentError) {
        let turn = try stateDirectory.lockForDaemon()
        let signals = try SignalDescriptor()
        self.turn = turn
        self.signals = signals
        monitor = hasDeviceEvents && configuration.events ? DeviceMonitor() : nil
        self.notification = notification
        clock = context.clock
        log = context.log
        self.reload = reload
        var context = context
        context.patience?.stop = PadPatience.Stop(descriptor: signals.number) { signals.isStopWaiting }
        rounds = Rounds(stateDirectory: stateDirectory, configuration: configuration, context: context)
        if hasDeviceEvents, configuration.events, monitor == nil { log.warning("no device events here: changes are told at the interval") }
    }

    /// Until SIGTERM or SIGINT. What is unanswered then stays in the state, and goes on with the next start.
    package mutating func run() throws(AgentError) {
        try rounds.begin()
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
                    return
                case .reload: reconfigure()
                }
            }
            if let monitor, monitor.drain() { rounds.deviceEvent() }
            if rounds.isDue {
                work()
                rest()
            }
            if notification.watchdogInterval != nil { notification.send(.watchdog) }
        }
    }

    /// Each pad may take its time: the watchdog is fed between them.
    private mutating func work() {
        let notification = notification
        rounds.work { if notification.watchdogInterval != nil { notification.send(.watchdog) } }
    }

    /// Gives back what an idle daemon does not need: free heap, and code that runs once a turn.
    private func rest() {
        quartermaster_trim_heap()
        if rounds.next - clock.uptime() > .seconds(2) { quartermaster_release_code() }
    }

    /// Until something is due, a descriptor is readable, or the watchdog wants a sign of life.
    private func sleep() throws(AgentError) {
        var wait = max(.zero, rounds.next - clock.uptime())
        if let watchdog = notification.watchdogInterval { wait = min(wait, watchdog) }
        var descriptors = [pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0)]
        if let monitor { descriptors.append(pollfd(fd: monitor.number, events: Int16(POLLIN), revents: 0)) }
        // Rounded up: waking a moment early would wake twice.
        let milliseconds = min(wait.wholeMilliseconds + 1, Int64(Int32.max))
        let count = poll(&descriptors, nfds_t(descriptors.count), wait == .zero ? 0 : Int32(milliseconds))
        if count < 0, errno != EINTR { throw .file(.system(operation: "wait for", path: "events", errno: errno)) }
    }

    private mutating func reconfigure() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notification.send(.reloading(monotonicMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000))
        do throws(AgentError) {
            rounds.configure(try reload())
            log.info("the configuration was read again")
        } catch {
            for line in error.description.split(separator: "\n") { log.error("\(line)") }
            log.error("the configuration stays as it was")
        }
        notification.send(.ready)
    }
}
