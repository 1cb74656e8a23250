import Identifiers

/// When a folder's modification time may save a look into it.
///
/// A look is saved only where the folder is the same, its modification time is the one that was seen before, that time is more than two
/// seconds ago by the clock here, and the last look began more than two seconds after it was first seen (clocks of hosts and file servers
/// differ, and several changes may bear one time). A full look comes at least every 30 s whatever the times say.
package struct PollingRule: Equatable, Sendable {
    private var seen: FolderStamp?
    /// By the monotonic clock: when `seen` was first seen, and when the last look began.
    private var firstSeen = Duration.zero
    private var lastLook: Duration?
    /// When a look comes whatever the times say.
    private var nextFullLook: Duration?
    /// Keeps the full looks of many pads apart.
    private let phase: Duration

    package static let quiet = Duration.seconds(2)
    package static let fullLookInterval = Duration.seconds(30)

    /// The first look comes at once; the full looks after it come earlier by `phase` (0 to 30 s).
    package init(phase: Duration = .zero) { self.phase = min(max(phase, .zero), Self.fullLookInterval) }

    /// Whether to look, having seen `stamp`. `elapsed` is a monotonic clock, `now` the civil one.
    package mutating func mustLook(_ stamp: FolderStamp, elapsed: Duration, now: Timestamp) -> Bool {
        if stamp != seen {
            seen = stamp
            firstSeen = elapsed
            return true
        }
        guard let lastLook else { return true }
        if let nextFullLook, elapsed >= nextFullLook { return true }
        // Both may be any number: an age that is none leads to a look.
        let (microseconds, isNone) = now.microseconds.subtractingReportingOverflow(stamp.modified / 1000)
        let age = isNone ? .zero : Duration.microseconds(microseconds)
        return age <= Self.quiet || lastLook - firstSeen <= Self.quiet
    }

    /// Once a look was saved, all are for which the stamp is the same, up to this time of the monotonic clock.
    package var quietUntil: Duration? { nextFullLook }

    /// A look that began at `elapsed` was completed: it saw everything.
    package mutating func looked(at elapsed: Duration) {
        lastLook = elapsed
        // A look for another reason moves the full ones not: those of many pads that changed together would fall together.
        guard let next = nextFullLook else { return nextFullLook = elapsed + Self.fullLookInterval - phase }
        if elapsed >= next { nextFullLook = elapsed + Self.fullLookInterval }
    }

    /// The next stamp leads to a look.
    package mutating func forget() {
        seen = nil
        lastLook = nil
    }
}
