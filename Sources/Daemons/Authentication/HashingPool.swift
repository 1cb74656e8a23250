import Dispatch

/// A few threads for work that computes for long, so that it never takes those that everything else runs on. First come, first served.
actor HashingPool {
    private let queue = DispatchQueue(label: "quartermaster.hashing", attributes: .concurrent)
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var firstWaiting = 0
    /// What is being worked out now, and who waits for the same.
    private var underWay: [[UInt8]: [CheckedContinuation<Void, Never>]] = [:]

    /// Each hash takes 32 MiB: `width` of them at a time.
    init(width: Int) { free = max(width, 1) }

    /// Does the work on a thread of its own, unless `known` has the answer, now or when a thread is free. Work of one `subject` is done one at a
    /// time, so that what the first one found out is known to those that wanted the same.
    func run<Value: Sendable>(
        of subject: [UInt8] = [], unless known: @Sendable () -> Value?, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if let value = known() { return value }
        while !subject.isEmpty, underWay[subject] != nil {
            await withCheckedContinuation { underWay[subject]?.append($0) }
            if let value = known() { return value }
        }
        if !subject.isEmpty { underWay[subject] = [] }
        defer { for waiting in underWay.removeValue(forKey: subject) ?? [] { waiting.resume() } }
        await acquire()
        defer { release() }
        if let value = known() { return value }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }

    private func acquire() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func release() {
        guard firstWaiting < waiting.count else {
            free += 1
            return
        }
        let next = waiting[firstWaiting]
        firstWaiting += 1
        if firstWaiting > 1_024, firstWaiting * 2 > waiting.count {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
        next.resume()
    }
}
