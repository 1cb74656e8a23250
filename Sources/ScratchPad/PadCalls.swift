import CLinux
import Files
import Glibc
import Synchronization

/// Makes calls in threads, and knows the pads on which one was given up and has not returned.
package final class PadCalls: Sendable {
    private let silent = Mutex<Set<String>>([])

    package init() {}

    /// What `body` returns or throws. Throws `.silent` where it takes longer than `patience` allows, and at once while an earlier call on the
    /// same path has not returned.
    func make<Value: Sendable>(
        on path: String, _ patience: PadPatience, _ body: @escaping @Sendable () throws(PadError) -> Value
    ) throws(PadError) -> Value {
        if silent.withLock({ $0.contains(path) }) { throw .silent(path: path) }
        let number = quartermaster_eventfd()
        guard number >= 0 else { throw .file(.system(operation: "wait for", path: path, errno: errno)) }
        let call = Call<Value>(done: FileDescriptor(owning: number, path: "a call on \(path)"))
        let isStarted = Self.start { [self] in
            call.finish(Self.result(of: body)) { silent.withLock { _ = $0.remove(path) } }
        }
        guard isStarted else { throw .file(.system(operation: "start a thread for", path: path, errno: EAGAIN)) }
        if patience.wait(for: call.done.number) { return try call.take() }
        return try call.abandon(throwing: .silent(path: path)) { silent.withLock { _ = $0.insert(path) } }
    }

    private static func result<Value>(of body: () throws(PadError) -> Value) -> Result<Value, PadError> {
        do throws(PadError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// A detached thread, with this thread's signal mask. False where the kernel has none left.
    private static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 256 << 10)
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if result != 0 { work.release() }
        return result == 0
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// One call: its result, or that nobody waits for it any more.
private final class Call<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case underway
        case finished(Result<Value, PadError>)
        case abandoned
    }

    /// An eventfd that is readable when the call has returned.
    let done: FileDescriptor
    private let state = Mutex(State.underway)

    init(done: FileDescriptor) { self.done = done }

    /// `returned` is called where the call had been given up before.
    func finish(_ result: Result<Value, PadError>, returned: () -> Void) {
        state.withLock { state in
            if case .abandoned = state { return returned() }
            state = .finished(result)
        }
        var one: UInt64 = 1
        _ = write(done.number, &one, 8)
    }

    func take() throws(PadError) -> Value {
        guard case .finished(let result) = state.withLock({ $0 }) else {
            preconditionFailure("the event is written after the result")
        }
        return try result.get()
    }

    /// The result after all, where it came meanwhile; otherwise throws `error`, and calls `giveUp` before the thread can know of it.
    func abandon(throwing error: PadError, giveUp: () -> Void) throws(PadError) -> Value {
        let result = state.withLock { state -> Result<Value, PadError>? in
            if case .finished(let result) = state { return result }
            giveUp()
            state = .abandoned
            return nil
        }
        guard let result else { throw error }
        return try result.get()
    }
}
