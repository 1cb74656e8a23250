import Glibc
import Synchronization

/// Work in equal parts on threads of its own.
enum Workers {
    /// How many parts are worth their threads: at least `least` items each, and no more than there are processors; four at most, since the host
    /// has other things to do.
    static func parts(for items: Int, least: Int) -> Int {
        if items < 2 * least { return 1 }
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return max(1, min(items / least, processors, 4))
    }

    /// The result of each part, in order. The first part is done by the caller's thread, and so are those that no thread could be started for.
    static func map<Result: Sendable>(parts: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
        let results = Results<Result>(count: parts)
        let threads = (1..<max(1, parts)).map { part in start { results[part] = body(part) } }
        if parts > 0 { results[0] = body(0) }
        for (index, thread) in threads.enumerated() {
            if let thread { pthread_join(thread, nil) } else { results[index + 1] = body(index + 1) }
        }
        return results.all
    }

    /// Nil where the kernel has no thread left.
    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if result == 0 { return thread }
        work.release()
        return nil
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private final class Results<Result: Sendable>: Sendable {
        private let values: Mutex<[Result?]>
        init(count: Int) { values = Mutex(Array(repeating: nil, count: count)) }

        subscript(part: Int) -> Result? {
            get { values.withLock { $0[part] } }
            set { values.withLock { $0[part] = newValue } }
        }
        var all: [Result] { values.withLock { $0.compactMap { $0 } } }
    }
}
