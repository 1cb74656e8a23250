import Dispatch
import Synchronization

/// One thread of `PadWorkers`: the share of work that it took, and how far it has come.
final class PadThread: Sendable {
    /// What became of a share.
    struct Share: Sendable {
        var done: [(piece: Piece, pause: Duration?)] = []
        /// Not begun.
        var rest: ArraySlice<Piece> = []
    }

    private struct State {
        var share = Share()
        var current: Piece?
        var since = Instant.now
        /// How far the lane of `current` had come when it was last seen to get on.
        var progress: UInt64?
        var movedAt = Instant.now
        var isHung = false
    }

    private let state = Mutex(State())
    private let semaphore = DispatchSemaphore(value: 0)

    // MARK: On the thread

    /// Waits to be woken, or for that long.
    func wait(_ duration: Duration?) {
        guard let duration else { return semaphore.wait() }
        _ = semaphore.wait(timeout: .now() + max(duration / .seconds(1), 0))
    }

    /// The next piece of the share; nil where none is left, or the rest was taken away.
    func next() -> Piece? {
        let now = Instant.now
        return state.withLock { state in
            guard let piece = state.share.rest.popFirst() else { return nil }
            state.current = piece
            state.since = now
            state.progress = nil
            state.movedAt = now
            return piece
        }
    }

    /// A look that did not just say when it comes again was work, perhaps with more to follow: the rest is for whoever is free.
    func ended(_ piece: Piece, after pause: Duration?) -> (wasHung: Bool, isLast: Bool) {
        state.withLock { state in
            state.share.done.append((piece, pause))
            state.current = nil
            defer { state.isHung = false }
            return (state.isHung, pause == nil || state.share.rest.isEmpty)
        }
    }

    func takeShare() -> Share {
        state.withLock { state in
            defer { state.share = Share() }
            return state.share
        }
    }

    // MARK: From outside, under the pool's lock

    func wake() { semaphore.signal() }

    func begin(_ pieces: [Piece]) {
        state.withLock { state in
            state.share.rest = pieces[...]
            state.share.done.reserveCapacity(pieces.count)
        }
    }

    func takeRest() -> ArraySlice<Piece> {
        state.withLock { state in
            defer { state.share.rest = [] }
            return state.share.rest
        }
    }

    var isHung: Bool { state.withLock { $0.isHung } }

    /// What the thread is stuck in, where it is, and what it will not come to meanwhile, which is taken away from it.
    ///
    /// - Parameter progress: a number that grows as long as a lane's work gets on.
    func inspect(
        now: Instant, stuck: Duration, hangLimit: Duration, progress: (Int) -> UInt64
    ) -> (lane: Int, isNewlyHung: Bool, rest: ArraySlice<Piece>)? {
        state.withLock { state in
            guard let current = state.current, now - state.since > stuck else { return nil }
            let reached = progress(current.lane)
            if state.progress != reached {
                // Many small steps are no hanging. The first sight of a piece tells nothing of when it last got on.
                if state.progress != nil { state.movedAt = now }
                state.progress = reached
            }
            let isNewlyHung = !state.isHung && now - state.movedAt > hangLimit
            if isNewlyHung { state.isHung = true }
            defer { state.share.rest = [] }
            return (current.lane, isNewlyHung, state.share.rest)
        }
    }
}
