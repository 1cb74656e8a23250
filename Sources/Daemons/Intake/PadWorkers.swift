import Foundation
import Synchronization

/// Threads that touch pads, so that a file system that hangs holds none of those that everything else runs on. Work of one lane (a pad) runs
/// one piece at a time; lanes take turns by the time at which they are due. A piece that takes longer than `hangLimit` is reported, and another
/// thread takes its thread's place; should it end after all, that is reported too.
///
/// One idle thread waits for the next time at which something is due, the others until they are needed: for work that is due at once, or
/// where work has waited for more than `backlog`. Times are rounded up to `grain`, so that many idle pads are looked at in one waking.
final class PadWorkers: Sendable {
    typealias Lane = Int

    struct Options: Sendable {
        var threads: Int
        var replacements: Int
        var hangLimit: Duration
    }

    private struct Piece {
        var dueAt: ContinuousClock.Instant
        var number: UInt64
        var lane: Lane
        var work: @Sendable () -> Void
    }

    private struct Running {
        var lane: Lane
        var since: ContinuousClock.Instant
        var isHung: Bool
    }

    private struct State {
        /// A heap by due time, then by order of entry.
        var waiting: [Piece] = []
        /// Pieces of lanes that are busy.
        var held: [Lane: [Piece]] = [:]
        var running: [UInt64: Running] = [:]
        var busy: Set<Lane> = []
        var nextNumber: UInt64 = 0
        var threads = 0
        var idle = 0
        /// An idle thread waits for the time of the first piece.
        var hasTimer = false
        /// Another thread was woken to wait for that time while its thread is at work.
        var isHandedOver = false
        var isStopped = false
    }

    private static let grain = Duration.milliseconds(10)
    private static let backlog = Duration.milliseconds(2)

    private let options: Options
    private let start = ContinuousClock.now
    private let condition = NSCondition()
    private let state = Mutex(State())
    private let report: @Sendable (_ lane: Lane, _ isHung: Bool) -> Void

    /// - Parameter report: called, from any thread, when a lane's work hangs and when it ends after all.
    init(_ options: Options, report: @escaping @Sendable (_ lane: Lane, _ isHung: Bool) -> Void) {
        self.options = options
        self.report = report
    }

    /// Runs `work` on a thread of the pool, not before `delay` has passed.
    func submit(lane: Lane, after delay: Duration = .zero, _ work: @escaping @Sendable () -> Void) {
        let now = ContinuousClock.now
        let due = delay == .zero ? now : rounded(now.advanced(by: delay))
        enum Waking { case nobody, one, everybody }
        condition.lock()
        let (starts, waking) = state.withLock { state -> (Bool, Waking) in
            guard !state.isStopped else { return (false, .nobody) }
            state.nextNumber += 1
            let isFirst = state.waiting.first.map { due < $0.dueAt } ?? true
            state.waiting.push(Piece(dueAt: due, number: state.nextNumber, lane: lane, work: work), Self.precedes)
            if state.threads < options.threads, state.idle == 0 {
                state.threads += 1
                return (true, .nobody)
            }
            if delay == .zero { return (false, state.idle > 0 ? .one : .nobody) }
            // Whoever waits for the time of the piece that was first has to learn of this one.
            return (false, isFirst && state.hasTimer ? .everybody : .nobody)
        }
        switch waking {
        case .nobody: break
        case .one: condition.signal()
        case .everybody: condition.broadcast()
        }
        condition.unlock()
        if starts { startThread() }
    }

    private func rounded(_ instant: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let grains = (instant - start) / Self.grain
        return start.advanced(by: Self.grain * grains.rounded(.up))
    }

    /// Looks for work that hangs, and for work that waits behind it. Called now and then by whoever owns the pool.
    func supervise() {
        let now = ContinuousClock.now
        let (hung, starts, wakes) = state.withLock { state -> ([Lane], Int, Bool) in
            guard !state.isStopped else { return ([], 0, false) }
            var hung: [Lane] = []
            for (id, running) in state.running where !running.isHung && now - running.since > options.hangLimit {
                state.running[id]?.isHung = true
                hung.append(running.lane)
            }
            let overdue = state.waiting.first.map { now - $0.dueAt > .milliseconds(100) } ?? false
            let limit = options.threads + options.replacements
            guard overdue, state.idle == 0, state.threads < limit,
                state.running.values.contains(where: { now - $0.since > .milliseconds(100) })
            else { return (hung, 0, overdue && state.idle > 0) }
            // One for each that is stuck for the moment; they end again when there is nothing to do.
            let stuck = state.running.values.count { now - $0.since > .milliseconds(100) }
            let count = min(stuck - max(0, state.threads - options.threads), limit - state.threads)
            state.threads += max(count, 0)
            return (hung, max(count, 0), false)
        }
        if wakes {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        for lane in hung { report(lane, true) }
        for _ in 0..<starts { startThread() }
    }

    /// Nothing more is started. Waits until the pieces that run have ended, but not for hung ones longer than `patience`.
    func stop(patience: Duration) {
        let deadline = Date(timeIntervalSinceNow: patience / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        state.withLock { state in
            state.isStopped = true
            state.waiting.removeAll()
            state.held.removeAll()
        }
        condition.broadcast()
        while state.withLock({ !$0.running.isEmpty }) {
            guard condition.wait(until: deadline) else { return }
        }
    }

    // MARK: Threads

    private func startThread() {
        let thread = Thread { [self] in run() }
        thread.name = "pad-worker"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func run() {
        while let (id, piece) = next() {
            piece.work()
            finish(id, piece.lane)
        }
    }

    /// Waits for the next piece; nil where this thread is to end.
    private func next() -> (UInt64, Piece)? {
        condition.lock()
        defer { condition.unlock() }
        enum Step {
            case run(UInt64, Piece, wakesAnother: Bool)
            case wait
            case waitUntil(ContinuousClock.Instant)
            case end
        }
        while true {
            let now = ContinuousClock.now
            let step = state.withLock { state -> sending Step in
                if state.isStopped {
                    state.threads -= 1
                    return .end
                }
                while let first = state.waiting.first, first.dueAt <= now {
                    let piece = state.waiting.pop(Self.precedes)
                    if state.busy.contains(piece.lane) {
                        state.held[piece.lane, default: []].append(piece)
                        continue
                    }
                    state.busy.insert(piece.lane)
                    state.running[piece.number] = Running(lane: piece.lane, since: now, isHung: false)
                    let isBehind = state.waiting.first.map { now - $0.dueAt > Self.backlog } ?? false
                    let needsTimer = !state.hasTimer && !state.isHandedOver && !state.waiting.isEmpty
                    let wakes = state.idle > 0 && (isBehind || needsTimer)
                    if wakes, needsTimer { state.isHandedOver = true }
                    return .run(piece.number, piece, wakesAnother: wakes)
                }
                if state.threads > options.threads + state.running.values.count(where: { $0.isHung }) {
                    state.threads -= 1
                    return .end
                }
                state.idle += 1
                guard let due = state.waiting.first?.dueAt, !state.hasTimer else { return .wait }
                state.hasTimer = true
                return .waitUntil(due)
            }
            switch step {
            case .run(let id, let piece, let wakesAnother):
                if wakesAnother { condition.signal() }
                return (id, piece)
            case .end: return nil
            case .wait:
                condition.wait()
                state.withLock { state in
                    state.idle -= 1
                    state.isHandedOver = false
                }
            case .waitUntil(let due):
                _ = condition.wait(until: Date(timeIntervalSinceNow: max(0, (due - now) / .seconds(1))))
                state.withLock { state in
                    state.idle -= 1
                    state.hasTimer = false
                    state.isHandedOver = false
                }
            }
        }
    }

    private func finish(_ id: UInt64, _ lane: Lane) {
        condition.lock()
        let (wasHung, isStopped) = state.withLock { state -> (Bool, Bool) in
            let running = state.running.removeValue(forKey: id)
            state.busy.remove(lane)
            if !state.isStopped, var pieces = state.held[lane], !pieces.isEmpty {
                // This thread takes it up itself, or another one that is free.
                state.waiting.push(pieces.removeFirst(), Self.precedes)
                state.held[lane] = pieces.isEmpty ? nil : pieces
            }
            return (running?.isHung ?? false, state.isStopped)
        }
        if isStopped { condition.broadcast() }
        condition.unlock()
        if wasHung { report(lane, false) }
    }

    private static func precedes(_ left: Piece, _ right: Piece) -> Bool {
        left.dueAt == right.dueAt ? left.number < right.number : left.dueAt < right.dueAt
    }
}

extension Array {
    /// Adds to a binary heap whose first element precedes all others.
    fileprivate mutating func push(_ element: Element, _ precedes: (Element, Element) -> Bool) {
        append(element)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(self[child], self[parent]) else { return }
            swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first of a binary heap that is not empty.
    fileprivate mutating func pop(_ precedes: (Element, Element) -> Bool) -> Element {
        swapAt(0, count - 1)
        let first = removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < count && precedes(self[child], self[least]) { least = child }
            if least == parent { return first }
            swapAt(parent, least)
            parent = least
        }
    }
}
