import Foundation
import Synchronization

/// Threads that touch pads, so that a file system that hangs holds none of those that everything else runs on. Work of one lane (a pad) runs
/// one piece at a time; lanes take turns by the time at which they are due. A piece that takes longer than `hangLimit` is reported, and another
/// thread takes its thread's place; should it end after all, that is reported too.
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
        var isStopped = false
    }

    private let options: Options
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
        let due = ContinuousClock.now.advanced(by: delay)
        condition.lock()
        let starts = state.withLock { state -> Bool in
            guard !state.isStopped else { return false }
            state.nextNumber += 1
            state.waiting.push(Piece(dueAt: due, number: state.nextNumber, lane: lane, work: work), Self.precedes)
            let needsThread = state.threads < options.threads && state.idle == 0
            if needsThread { state.threads += 1 }
            return needsThread
        }
        condition.signal()
        condition.unlock()
        if starts { startThread() }
    }

    /// Looks for work that hangs, and for work that waits behind it. Called now and then by whoever owns the pool.
    func supervise() {
        let now = ContinuousClock.now
        let (hung, starts) = state.withLock { state -> ([Lane], Int) in
            guard !state.isStopped else { return ([], 0) }
            var hung: [Lane] = []
            for (id, running) in state.running where !running.isHung && now - running.since > options.hangLimit {
                state.running[id]?.isHung = true
                hung.append(running.lane)
            }
            let overdue = state.waiting.first.map { now - $0.dueAt > .milliseconds(100) } ?? false
            let limit = options.threads + options.replacements
            guard overdue, state.idle == 0, state.threads < limit,
                state.running.values.contains(where: { now - $0.since > .milliseconds(100) })
            else { return (hung, 0) }
            // One for each that is stuck for the moment; they end again when there is nothing to do.
            let stuck = state.running.values.count { now - $0.since > .milliseconds(100) }
            let count = min(stuck - max(0, state.threads - options.threads), limit - state.threads)
            state.threads += max(count, 0)
            return (hung, max(count, 0))
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
        while true {
            let now = ContinuousClock.now
            enum Step {
                case run(UInt64, Piece)
                case wait(until: ContinuousClock.Instant?)
                case end
            }
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
                    return .run(piece.number, piece)
                }
                if state.threads > options.threads + state.running.values.count(where: { $0.isHung }) {
                    state.threads -= 1
                    return .end
                }
                state.idle += 1
                return .wait(until: state.waiting.first?.dueAt)
            }
            switch step {
            case .run(let id, let piece): return (id, piece)
            case .end: return nil
            case .wait(let until):
                if let until {
                    _ = condition.wait(until: Date(timeIntervalSinceNow: max(0, (until - now) / .seconds(1))))
                } else {
                    condition.wait()
                }
                state.withLock { $0.idle -= 1 }
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
