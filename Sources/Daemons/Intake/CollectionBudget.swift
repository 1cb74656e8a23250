import Synchronization

/// How many bytes of messages are in memory at a time, of all pads together. What a look may bring is taken before it reads; what it did not
/// bring is given back at once, the rest when its pass is over.
final class CollectionBudget: Sendable {
    private struct State {
        var free: Int
        var held: [Int: Int] = [:]
        /// Lanes that were not looked at, in their order.
        var waiting: [Int] = []
    }

    private let state: Mutex<State>
    /// The most that one look brings.
    private let share: Int

    /// A share that is larger than all of it is all of it.
    init(bytes: Int, share: Int) {
        let bytes = max(bytes, 1)
        self.share = min(max(share, 1), bytes)
        state = Mutex(State(free: bytes))
    }

    /// Pads that wait for room.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Takes a share for a look at the lane's pad; false where too little is free.
    func take(_ lane: Int) -> Bool { state.withLock { take(lane, &$0) } }

    /// As `take`; what is not given is waited for: `hold` says when to look again.
    func takeOrWait(_ lane: Int) -> Bool {
        state.withLock { state in
            if take(lane, &state) { return true }
            if !state.waiting.contains(lane) { state.waiting.append(lane) }
            return false
        }
    }

    private func take(_ lane: Int, _ state: inout State) -> Bool {
        guard state.free >= share else { return false }
        state.free -= share
        state.held[lane, default: 0] += share
        return true
    }

    /// The lane holds so many bytes from here on; 0 where its pass is over, or its pad hangs. Returns the lanes that are to be looked at now.
    func hold(_ bytes: Int, for lane: Int) -> [Int] {
        state.withLock { state in
            // Less than nothing is free where a pad that was given up answers after all.
            state.free += state.held.removeValue(forKey: lane) ?? 0
            if bytes > 0 {
                state.held[lane] = bytes
                state.free -= bytes
            }
            guard state.free >= share else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
