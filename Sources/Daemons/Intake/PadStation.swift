import Identifiers
import Provider
import ScratchPad
import Synchronization

/// One pad in intake: its files, touched by one worker at a time, and what waits on it for its readers.
final class PadStation: Sendable {
    /// An answer that lies on the pad until it is acknowledged.
    struct Pending: Sendable {
        var key: Fingerprint
        var dueAt: Timestamp
        var pause: Duration
        var expiresAt: Timestamp
    }

    struct Standing: Sendable {
        var pending: [MessageID: Pending] = [:]
        /// The earliest `dueAt` of `pending`, or earlier; nil where nothing waits.
        var nextDue: Timestamp?
        var isRemoved = false
        /// Its header was verified, and is the one that it should have. Until then nothing is collected from it.
        var isTakenUp = false
        /// A look is to come.
        var isScheduled = false
        /// A pass is under way, or the pad is being taken up.
        var isBusy = false
        /// Until when a look is one at the folder's times alone.
        var quiet: ControllerPad.Quiet?
        /// What went wrong last, so that it is said once.
        var fault: String?
        var failures = 0
        /// When the header that lies there ends.
        var headerEnds: Timestamp?
    }

    let lane: Int
    let terms: PadTerms
    let medium: CountedMedium
    /// Held by this pad's worker alone while it touches files.
    let pad: Mutex<ControllerPad>
    let standing = Mutex(Standing())
    /// Lanes of hosts that are known here.
    let knownLanes = Mutex<Set<Lane>>([])
    /// Who writes more than hosts do, while somebody does.
    let crowding = Mutex<Crowding?>(nil)
    /// What was found to be no message lately.
    let junk = Mutex(Junk())
    let isBeingTidied = Mutex(false)
    /// It is taken up by one at a time.
    let takingUp = Turnstile()

    init(lane: Int, terms: PadTerms, medium: any PadMedium, phase: Duration) {
        self.lane = lane
        self.terms = terms
        let medium = CountedMedium(medium)
        self.medium = medium
        pad = Mutex(ControllerPad(medium: medium, phase: phase))
    }

    func note(_ file: OutgoingFile, pause: Duration, now: Timestamp) {
        standing.withLock { standing in
            let due = now + pause
            standing.pending[file.messageID] = Pending(key: file.key, dueAt: due, pause: pause, expiresAt: file.expiresAt)
            standing.nextDue = min(standing.nextDue ?? due, due)
        }
    }

    /// - Parameter key: nil for whomever it is addressed to.
    func forget(_ message: MessageID, to key: Fingerprint? = nil) {
        standing.withLock { standing in
            // An instruction that was addressed anew keeps its ID.
            if key == nil || standing.pending[message]?.key == key { standing.pending[message] = nil }
        }
    }

    /// What is to be published again now, or withdrawn; each one's next time is put off.
    func due(now: Timestamp, shortestPause: Duration, longestPause: Duration) -> (
        publish: [MessageID], withdraw: [(MessageID, Fingerprint)]
    ) {
        standing.withLock { standing in
            guard let next = standing.nextDue, next <= now else { return ([], []) }
            var publish: [MessageID] = []
            var withdraw: [(MessageID, Fingerprint)] = []
            var earliest: Timestamp?
            for (message, var pending) in standing.pending {
                if pending.expiresAt <= now {
                    withdraw.append((message, pending.key))
                    standing.pending[message] = nil
                    continue
                }
                if pending.dueAt <= now {
                    publish.append(message)
                    pending.pause = min(max(pending.pause * 2, shortestPause), longestPause)
                    pending.dueAt = now + pending.pause
                    standing.pending[message] = pending
                }
                earliest = min(earliest ?? pending.dueAt, pending.dueAt)
            }
            standing.nextDue = earliest
            return (publish, withdraw)
        }
    }
}
