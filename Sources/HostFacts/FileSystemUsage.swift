import Glibc
import Synchronization

/// Asks mounted file systems for their size and free space, so that one that does not answer delays none of the others and not the caller.
///
/// A thread asks one after the other. Where nothing was answered for a moment, more threads take the rest, twice as many each time; what is
/// unanswered at the deadline is `timedOut`, and its thread is left behind with what it holds. While it is still out, the same path is not
/// asked again: a mount that hangs for a day costs one thread.
package enum FileSystemUsage {
    package struct Reading: Equatable, Sendable {
        package var sizeBytes: Int64
        package var usedBytes: Int64
        package var availableBytes: Int64
        package var inodes: Int64
        package var availableInodes: Int64
    }

    package enum Outcome: Equatable, Sendable {
        case reading(Reading)
        case unreadable(errno: Int32)
        case timedOut
    }

    static let maximumThreads = 256

    /// The paths whose question was given up and has not come back.
    package final class Outstanding: Sendable {
        package static let ofThisProcess = Outstanding()
        private let paths = Mutex<Set<String>>([])

        package init() {}

        /// False where it is out already.
        func begin(_ path: String) -> Bool { paths.withLock { $0.insert(path).inserted } }
        func end(_ path: String) { _ = paths.withLock { $0.remove(path) } }
    }

    /// An outcome for each path, in their order, after at most `deadline`.
    package static func ask(
        _ paths: [String], deadline: Duration = .seconds(2), outstanding: Outstanding = Outstanding(),
        statfs: @escaping @Sendable (String) -> Outcome = askKernel
    ) -> [Outcome] {
        if paths.isEmpty { return [] }
        let queue = Queue(paths)
        let statfs: @Sendable (String) -> Outcome = { path in
            guard outstanding.begin(path) else { return .timedOut }
            defer { outstanding.end(path) }
            return statfs(path)
        }
        let end = ContinuousClock.now + deadline
        var threads = 0
        var wanted = 1
        var answered = 0
        while answered < paths.count {
            while threads < min(wanted, maximumThreads), start(queue, statfs) { threads += 1 }
            // No thread at all could be started. To ask here would be without a deadline.
            if threads == 0 { break }
            let now = ContinuousClock.now
            if now >= end { break }
            if queue.answered.wait(until: min(end, now + .milliseconds(10))) {
                answered += 1
            } else if queue.hasUnasked {
                wanted = threads * 2
            }
        }
        return queue.outcomes()
    }

    /// statfs(2) by way of statvfs(3).
    package static let askKernel: @Sendable (String) -> Outcome = { path in
        var result = statvfs()
        guard statvfs(path, &result) == 0 else { return .unreadable(errno: errno) }
        let unit = UInt64(result.f_frsize)
        func bytes(_ blocks: UInt64) -> Int64 { Int64(clamping: blocks.multipliedReportingOverflow(by: unit).partialValue) }
        return .reading(
            Reading(
                sizeBytes: bytes(UInt64(result.f_blocks)),
                usedBytes: bytes(UInt64(result.f_blocks) - min(UInt64(result.f_blocks), UInt64(result.f_bfree))),
                availableBytes: bytes(UInt64(result.f_bavail)),
                inodes: Int64(clamping: result.f_files), availableInodes: Int64(clamping: result.f_favail)))
    }

    private static func start(_ queue: Queue, _ statfs: @escaping @Sendable (String) -> Outcome) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 128 << 10)
        let task = Unmanaged.passRetained(Task { work(queue, statfs) })
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, task.toOpaque())
        if result != 0 { task.release() }
        return result == 0
    }

    private static func work(_ queue: Queue, _ statfs: (String) -> Outcome) {
        while let (index, path) = queue.next() { queue.answer(index, statfs(path)) }
    }

    private final class Task: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// The paths that are still to be asked, and the answers.
    private final class Queue: Sendable {
        let answered = Semaphore()
        private let paths: [String]
        private let state: Mutex<(next: Int, outcomes: [Outcome])>

        init(_ paths: [String]) {
            self.paths = paths
            state = Mutex((0, Array(repeating: .timedOut, count: paths.count)))
        }

        var hasUnasked: Bool { state.withLock { $0.next < paths.count } }

        func next() -> (Int, String)? {
            state.withLock { state in
                guard state.next < paths.count else { return nil }
                state.next += 1
                return (state.next - 1, paths[state.next - 1])
            }
        }

        func answer(_ index: Int, _ outcome: Outcome) {
            state.withLock { $0.outcomes[index] = outcome }
            answered.signal()
        }

        func outcomes() -> [Outcome] { state.withLock { $0.outcomes } }
    }
}
