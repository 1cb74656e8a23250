import Foundation
import Synchronization

/// Threads that touch pads, so that a file system that hangs holds none of those that everything else runs on. Work of one lane (a pad) runs
/// one piece at a time; lanes take turns by the time at which they are due. A piece that does not get on for `hangLimit` is reported, and another
/// thread takes its thread's place; should it end after all, that is reported too.
///
/// Looks at idle pads cost little each and are many: a thread takes a share of those that are due at one go, and gives back what is left of it
/// when one of them turns out to be work, or is stuck. One idle thread waits for the next time at which something is due, the others until they
/// are needed; times are rounded up to `PieceQueue.grain`, so that many pads are looked at in one waking.
final class PadWorkers: Sendable {
    typealias Lane = Int

    struct Options: Sendable {
        var threads: Int
        var replacements: Int
        var hangLimit: Duration
        /// A number that grows as long as the work of a lane gets on: then it takes long, and does not hang.
        var progress: @Sendable (Lane) -> UInt64 = { _ in 0 }
    }

    private struct State {
        var waiting = PieceQueue()
        /// Pieces of lanes that are busy, oldest first.
        var held: [Lane: [Piece]] = [:]
        var busy: Set<Lane> = []
        /// All threads, and of them the idle ones: the last one is woken first.
        var threads: [PadThread] = []
        var idle: [PadThread] = []
        /// The idle thread that waits for the time of the first piece.
        var timer: PadThread?
        var isStopped = false
    }

    /// What waits longer than this beyond its time gets another thread.
    private static let backlog = Duration.milliseconds(2)
    /// After so long in one piece a thread counts as stuck for the moment.
    private static let stuck = Duration.milliseconds(100)
    /// How many looks a thread takes at one go.
    private static let share = 64

    private let options: Options
    private let state = Mutex(State())
    /// Signalled when the pool is stopped: ends its supervision.
    private let stopped = DispatchSemaphore(value: 0)
    /// Entered while a share of work is run.
    private let running = DispatchGroup()
    private let report: @Sendable (_ lane: Lane, _ isHung: Bool) -> Void

    /// - Parameter report: called, from any thread, when a lane's work hangs and when it ends after all.
    init(_ options: Options, report: @escaping @Sendable (_ lane: Lane, _ isHung: Bool) -> Void) {
        self.options = options
        self.report = report
    }

    /// Runs `work` on a thread of the pool, not before `delay` has passed.
    func submit(lane: Lane, after delay: Duration = .zero, _ work: @escaping @Sendable () -> Void) {
        submit(lane: lane, after: delay, isLook: false) {
            work()
            return nil
        }
    }

    /// Runs `look`, which usually takes microseconds, not before `delay` has passed, and again after as long as it says; nil: no more.
    func submit(lane: Lane, after delay: Duration, look: @escaping @Sendable () -> Duration?) {
        submit(lane: lane, after: delay, isLook: true, look)
    }

    private func submit(lane: Lane, after delay: Duration, isLook: Bool, _ work: @escaping @Sendable () -> Duration?) {
        let now = Instant.now
        let due = now.later(by: delay)
        let (woken, starts) = state.withLock { state -> (PadThread?, PadThread?) in
            guard !state.isStopped else { return (nil, nil) }
            let isFirst = state.waiting.firstDue.map { due < $0 } ?? true
            state.waiting.push(Piece(dueAt: due, lane: lane, isLook: isLook, work: work), now: now)
            if let woken = wake(&state, isFirst: isFirst, isDue: delay == .zero) { return (woken, nil) }
            guard state.idle.isEmpty, state.threads.count < options.threads else { return (nil, nil) }
            return (nil, addThread(&state))
        }
        woken?.wake()
        if let starts { run(starts) }
    }

    /// Whom to wake for a new piece: anybody where it is due now, whoever waits for a later time where it is the first.
    private func wake(_ state: inout State, isFirst: Bool, isDue: Bool) -> PadThread? {
        if isDue { return state.idle.popLast().map { forgetTimer($0, &state) } }
        guard isFirst, !state.idle.isEmpty else { return nil }
        guard let timer = state.timer else { return state.idle.popLast() }
        state.idle.removeAll { $0 === timer }
        return forgetTimer(timer, &state)
    }

    private func forgetTimer(_ thread: PadThread, _ state: inout State) -> PadThread {
        if state.timer === thread { state.timer = nil }
        return thread
    }

    /// Calls `supervise` at that interval, on a thread of its own, until the pool is stopped.
    func startSupervising(every interval: Duration) {
        let thread = Thread { [self] in
            while stopped.wait(timeout: .now() + interval / .seconds(1)) == .timedOut { supervise() }
        }
        thread.name = "pad-supervisor"
        thread.stackSize = 1 << 18
        thread.start()
    }

    /// Looks for work that hangs, and for work that waits behind it.
    func supervise() {
        let now = Instant.now
        var hung: [Lane] = []
        let (woken, starts) = state.withLock { state -> (PadThread?, [PadThread]) in
            guard !state.isStopped else { return (nil, []) }
            var stuck = 0
            for thread in state.threads {
                guard
                    let found = thread.inspect(
                        now: now, stuck: Self.stuck, hangLimit: options.hangLimit, progress: options.progress)
                else { continue }
                stuck += 1
                if found.isNewlyHung { hung.append(found.lane) }
                // What it took and has not begun is for others.
                giveBack(found.rest, &state)
            }
            guard let first = state.waiting.firstDue, now - first > Self.stuck else { return (nil, []) }
            if let idle = state.idle.popLast() { return (forgetTimer(idle, &state), []) }
            // One for each that is stuck for the moment; they end again when there is nothing to do.
            let limit = options.threads + options.replacements
            let count = min(stuck - max(0, state.threads.count - options.threads), limit - state.threads.count)
            return (nil, (0..<max(count, 0)).map { _ in addThread(&state) })
        }
        woken?.wake()
        for lane in hung { report(lane, true) }
        for thread in starts { run(thread) }
    }

    /// Nothing more is started. Waits until the pieces that run have ended, but not for hung ones longer than `patience`.
    func stop(patience: Duration) {
        let woken = state.withLock { state in
            state.isStopped = true
            state.waiting = PieceQueue()
            state.held.removeAll()
            for thread in state.threads { _ = thread.takeRest() }
            defer { state.idle.removeAll() }
            return state.idle
        }
        for thread in woken { thread.wake() }
        stopped.signal()
        _ = running.wait(timeout: .now() + (patience / .seconds(1)))
    }

    // MARK: Threads

    private func addThread(_ state: inout State) -> PadThread {
        let thread = PadThread()
        state.threads.append(thread)
        return thread
    }

    private func run(_ padThread: PadThread) {
        let thread = Thread { [self] in
            while take(padThread) {
                runShare(padThread)
                finish(padThread)
                running.leave()
            }
        }
        thread.name = "pad-worker"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private enum Step {
        case run(wakes: PadThread?)
        case wait(until: Instant?)
        case end
    }

    /// Waits until there is work, and takes a share of it; false where this thread is to end.
    private func take(_ thread: PadThread) -> Bool {
        while true {
            let now = Instant.now
            let step = state.withLock { state -> Step in
                // It may have woken by itself, when its time had come.
                if state.timer === thread || state.idle.contains(where: { $0 === thread }) {
                    _ = forgetTimer(thread, &state)
                    state.idle.removeAll { $0 === thread }
                }
                if state.isStopped { return end(thread, &state) }
                let pieces = takeDue(now, &state)
                if !pieces.isEmpty {
                    running.enter()
                    thread.begin(pieces)
                    return .run(wakes: helper(for: pieces, now, &state))
                }
                if state.threads.count > options.threads, state.threads.count > options.threads + state.threads.count(where: \.isHung) {
                    return end(thread, &state)
                }
                state.idle.append(thread)
                guard state.timer == nil, let first = state.waiting.firstDue else { return .wait(until: nil) }
                state.timer = thread
                return .wait(until: first)
            }
            switch step {
            case .run(let woken):
                woken?.wake()
                return true
            case .end: return false
            case .wait(let until): thread.wait(until.map { $0 - now })
            }
        }
    }

    private func end(_ thread: PadThread, _ state: inout State) -> Step {
        state.threads.removeAll { $0 === thread }
        return .end
    }

    /// One piece of work, or several looks.
    private func takeDue(_ now: Instant, _ state: inout State) -> [Piece] {
        var pieces: [Piece] = []
        while pieces.count < Self.share, let piece = state.waiting.popDue(now, where: { pieces.isEmpty || $0.isLook }) {
            guard state.busy.insert(piece.lane).inserted else {
                state.held[piece.lane, default: []].append(piece)
                continue
            }
            if pieces.isEmpty, piece.isLook { pieces.reserveCapacity(Self.share) }
            pieces.append(piece)
            if !piece.isLook { break }
        }
        return pieces
    }

    /// Who is to go on with what waits: while work is done somebody watches the time, and looks do not wait long for each other.
    private func helper(for pieces: [Piece], _ now: Instant, _ state: inout State) -> PadThread? {
        guard let next = state.waiting.firstDue, !state.idle.isEmpty else { return nil }
        let isBehind = now - next > Self.backlog
        let needsTimer = state.timer == nil && pieces.first?.isLook == false
        guard isBehind || needsTimer else { return nil }
        return state.idle.popLast().map { forgetTimer($0, &state) }
    }

    private func runShare(_ thread: PadThread) {
        while let piece = thread.next() {
            let pause = piece.work()
            let (wasHung, isLast) = thread.ended(piece, after: pause)
            if wasHung { report(piece.lane, false) }
            if isLast { return }
        }
    }

    /// What has ended comes again when it said so; what was not begun waits for whoever is next.
    private func finish(_ thread: PadThread) {
        let share = thread.takeShare()
        let now = Instant.now
        // Most come again after the same interval.
        var last = (pause: Duration.zero, dueAt: now)
        state.withLock { state in
            for (piece, pause) in share.done {
                release(piece.lane, &state)
                guard let pause, !state.isStopped else { continue }
                if pause != last.pause { last = (pause, now.later(by: pause)) }
                var next = piece
                next.dueAt = last.dueAt
                state.waiting.push(next, now: now)
            }
            giveBack(share.rest, &state)
        }
    }

    private func giveBack(_ pieces: ArraySlice<Piece>, _ state: inout State) {
        for piece in pieces.reversed() {
            release(piece.lane, &state)
            if !state.isStopped { state.waiting.putBack(piece) }
        }
    }

    private func release(_ lane: Lane, _ state: inout State) {
        state.busy.remove(lane)
        guard !state.held.isEmpty, var pieces = state.held[lane] else { return }
        if !state.isStopped { state.waiting.putBack(pieces.removeFirst()) }
        state.held[lane] = pieces.isEmpty ? nil : pieces
    }
}
