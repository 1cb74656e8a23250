import Identifiers

/// The durable steps of intake, in order. Tests end the process, or the pass, at each of them.
package enum CrashPoint: String, Sendable, CaseIterable {
    /// Files were read; nothing is decided.
    case collected
    /// Everything is written inside the transaction, which is not committed.
    case decided
    /// The transaction is on disk; no answer is on a pad.
    case committed
    /// Some answers are on the pad.
    case delivering
    /// All answers are on the pad and forced out; the messages are still there.
    case delivered
    /// Some of the messages are removed.
    case removing
    /// Everything is done.
    case removed
}

/// Called at each step; throwing ends the pass there, as a crash would.
package typealias CrashPointHook = @Sendable (CrashPoint, PadID?) throws -> Void
