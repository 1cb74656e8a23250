import Dispatch
import Store

/// A few threads for work that computes for long, so that it never takes those that everything else runs on. Lanes take turns
/// at what waits, so that one with much to do holds up itself; in each, first come, first served.
actor HashingPool {
    private let queue = DispatchQueue(label: "quartermaster.hashing", attributes: .concurrent)
    private var free: Int
    private var waiting: [GuessSubject?: [CheckedContinuation<Void, Never>]] = [:]
    /// The lanes of `waiting`, the next one first.
    private var turns: [GuessSubject?] = []
    /// What is being worked out now, and who waits for the same.
    private var underWay: [[UInt8]: [CheckedContinuation<Void, Never>]] = [:]

    /// Each hash takes 32 MiB: `width` of them at a time.
    init(width: Int) { free = max(width, 1) }

    var waitingCount: Int { waiting.values.reduce(0) { $0 + $1.count } }
    var isFull: Bool { free == 0 }

    /// Does the work on a thread of its own, unless `known` has the answer, now or when a thread is free. Work of one `subject` is done one at a
    /// time, so that what the first one found out is known to those that wanted the same.
    func run<Value: Sendable>(
        of subject: [UInt8] = [], lane: GuessSubject? = nil, unless known: @Sendable () -> Value?,
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if let value = known() { return value }
        while !subject.isEmpty, underWay[subject] != nil {
            await withCheckedContinuation { underWay[subject]?.append($0) }
            if let value = known() { return value }
        }
        if !subject.isEmpty { underWay[subject] = [] }
        defer { for waiting in underWay.removeValue(forKey: subject) ?? [] { waiting.resume() } }
        await acquire(lane)
        defer { release() }
        if let value = known() { return value }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }

    private func acquire(_ lane: GuessSubject?) async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { continuation in
            if waiting[lane] == nil { turns.append(lane) }
            waiting[lane, default: []].append(continuation)
        }
    }

    private func release() {
        guard !turns.isEmpty else {
            free += 1
            return
        }
        let lane = turns.removeFirst()
        guard var rest = waiting.removeValue(forKey: lane), !rest.isEmpty else { preconditionFailure("a lane that waits has its turn") }
        let next = rest.removeFirst()
        if !rest.isEmpty {
            waiting[lane] = rest
            turns.append(lane)
        }
        next.resume()
    }
}
