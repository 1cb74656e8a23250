import Glibc
import HostFacts
import ScratchPad
import Synchronization

/// What the root helper read of this host, kept between two looks: each question is a process. It is asked again after a device event, when the
/// initiator's name file changed, and after some minutes.
package final class PrivilegedFactsCache: Sendable {
    private static let longest = Duration.seconds(300)
    private static let nameFile = "/etc/iscsi/initiatorname.iscsi"

    private struct Kept {
        /// Nil where the helper did not answer.
        var facts: PrivilegedFacts?
        var at: Duration
        var nameFile: Int64
    }

    private let client: Mutex<PrivilegedClient>
    private let log: Log
    private let clock: HostClock
    private let kept = Mutex<Kept?>(nil)
    /// Why the helper did not answer, as it was said in the log; nil while it answers.
    private let trouble = Mutex<String?>(nil)

    package init(client: PrivilegedClient, log: Log, clock: HostClock = .system) {
        self.client = Mutex(client)
        self.log = log
        self.clock = clock
    }

    /// A device came, went or changed. That the helper did not answer is kept: it is not waited for again in this round.
    package func invalidate() {
        kept.withLock { kept in
            if kept?.facts != nil { kept = nil }
        }
    }

    /// A round begins: a helper that did not answer is asked again.
    package func retry() {
        kept.withLock { kept in
            if kept?.facts == nil { kept = nil }
        }
    }

    /// From here on no answer is waited for where `stop` is wanted.
    package func heed(_ stop: PadPatience.Stop) { client.withLock { $0.stop = stop } }

    /// Nil where the helper is missing: then what this process may read is read, and the rest stands under `problems`. Throws `.helper` where this
    /// process is to end: what it cannot read now is no change of the host.
    package func facts() throws(AgentError) -> PrivilegedFacts? {
        let client = client.withLock { $0 }
        let now = clock.uptime()
        let stamp = Self.stamp()
        if let kept = kept.withLock({ $0 }), now - kept.at < Self.longest, kept.nameFile == stamp { return kept.facts }
        do throws(AgentError) {
            let answer = try client.ask(.facts)
            guard answer.outcome == .done, let facts = answer.facts else {
                let reason = "it does not tell facts: \(answer.detail ?? answer.outcome.rawValue)"
                client.observations.set(helper: .missing(reason: reason))
                throw .helper(reason: reason)
            }
            kept.withLock { $0 = Kept(facts: facts, at: now, nameFile: stamp) }
            if changes(to: nil) { log.info("the root helper answers again") }
            return facts
        } catch {
            if client.stop?.isWanted() == true { throw error }
            kept.withLock { $0 = Kept(facts: nil, at: now, nameFile: stamp) }
            // Once, however often it is asked: a host may do without a helper for years.
            if changes(to: error.description) { log.warning(error.description) }
            return nil
        }
    }

    /// Whether this is news.
    private func changes(to text: String?) -> Bool {
        trouble.withLock { trouble in
            defer { trouble = text }
            return trouble != text
        }
    }

    /// When the file was last changed; 0 where there is none.
    private static func stamp() -> Int64 {
        var status = stat()
        guard stat(nameFile, &status) == 0 else { return 0 }
        return Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }
}
