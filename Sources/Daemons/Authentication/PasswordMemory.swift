import Identifiers
import Sealing
import Synchronization

/// Which passwords were right moments ago, so that one administrator can register thousands of hosts. Kept are keyed digests (HMAC-SHA-256 with
/// a key of this process) of user, stored hash and password, for minutes, a bounded number: nobody can try passwords against them
/// elsewhere, and a changed password is not found.
package final class PasswordMemory: Sendable {
    private struct State {
        var entries: [[UInt8]: (user: UserID, until: Timestamp)] = [:]
        /// In the order of entry, which is the order of their ends.
        var order: [[UInt8]] = []
    }

    private let key = Secrets.random(32)
    private let lifetime: Duration
    private let capacity: Int
    private let state = Mutex(State())

    package init(lifetime: Duration = .seconds(300), capacity: Int = 10_000) {
        self.lifetime = lifetime
        self.capacity = max(capacity, 1)
    }

    func digest(user: UserID, hash: String, password: [UInt8]) -> [UInt8] {
        HMAC.sha256(Array(user.text.utf8) + [0] + Array(hash.utf8) + [0] + password, key: key)
    }

    func remembers(_ digest: [UInt8], at now: Timestamp) -> Bool {
        state.withLock { $0.entries[digest].map { now < $0.until } ?? false }
    }

    func remember(_ digest: [UInt8], user: UserID, at now: Timestamp) {
        state.withLock { state in
            if state.entries.updateValue((user, now + lifetime), forKey: digest) == nil { state.order.append(digest) }
            var gone = 0
            while state.entries.count > capacity || state.order.count > 2 * capacity, gone < state.order.count {
                state.entries[state.order[gone]] = nil
                gone += 1
            }
            state.order.removeFirst(gone)
        }
    }

    /// Drops what is known of one user: after a lock, a disabling or a change of password.
    package func forget(_ user: UserID) {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.user != user }
            state.order = state.order.filter { state.entries[$0] != nil }
        }
    }

    /// How many are kept, ended ones included.
    package var count: Int { state.withLock { $0.entries.count } }
}
