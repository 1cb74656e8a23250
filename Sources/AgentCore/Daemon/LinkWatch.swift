import Files
import Glibc
import HostFacts

/// Sees that a link of a transport went down or came back, which comes as no event: by looking every few seconds, as long as there are links.
package struct LinkWatch {
    private let read: @Sendable (_ isOver: () -> Bool) -> TransportStates?
    private let clock: HostClock
    /// What this thread has cost so far. Not the time of day: on a busy host a look waits for its turn, and costs no more for it.
    private let cost: @Sendable () -> Duration
    private var states: TransportStates?
    /// When it is time to look again, since boot; nil where there are no links, and only an event can bring some.
    package private(set) var next: Duration?

    /// And while a change is being gathered: whether it goes on is to be seen before it is told.
    package private(set) var nextWhileGathering: Duration?

    private static let pause = Duration.seconds(5)
    private static let pauseWhileGathering = Duration.seconds(1)
    /// A look takes at most one part in so many of a processor's time, however many links there are.
    private static let share = 500
    /// And never holds the daemon up for longer, however slow a driver is.
    private static let longest = Duration.seconds(1)

    package init(
        clock: HostClock, cost: (@Sendable () -> Duration)? = nil, read: @escaping @Sendable (_ isOver: () -> Bool) -> TransportStates?
    ) {
        self.clock = clock
        self.cost = cost ?? clock.uptime
        self.read = read
    }

    /// Of the machine, or of another root. Nil where there is no such root.
    package init?(root: String?, clock: HostClock) {
        do throws(FileError) {
            let tree = try Tree(sysroot: root)
            self.init(clock: clock, cost: Self.processorTime) { isOver in TransportStates.read(tree, isOver: isOver) }
        } catch {
            return nil
        }
    }

    /// Looks now. True where a link changed, came or went since the last look.
    package mutating func look() -> Bool {
        let (begin, before) = (clock.uptime(), cost())
        let found = read { clock.uptime() - begin > Self.longest }
        let took = cost() - before
        let isOther = found != nil && states != nil && found != states
        if let found { states = found }
        func following(_ pause: Duration) -> Duration? { states?.count == 0 ? nil : clock.uptime() + max(pause, took * Self.share) }
        (next, nextWhileGathering) = (following(Self.pause), following(Self.pauseWhileGathering))
        return isOther
    }

    /// Of this thread (clock_gettime(2)).
    private static let processorTime: @Sendable () -> Duration = {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
