import CLinux
import Files
import Glibc
import Synchronization

/// Looks host names up (getaddrinfo(3)) in threads of their own: the C library blocks for as long as a name server is silent, and cannot be told to end.
///
/// What comes is fetched by `results`, and told by a descriptor. A look-up that hangs is left behind with its thread; at most `maximumThreads`
/// are out at a time, and what is beyond waits.
package final class NameResolver: Sendable {
    package enum Outcome: Equatable, Sendable {
        /// In the order of the host's preference (RFC 6724), each once; never empty.
        case addresses([IPAddress])
        /// The C library's words.
        case failed(String)
    }

    static let maximumThreads = 16

    private struct State {
        var waiting: [(number: Int, name: String)] = []
        var threads = 0
        var results: [(number: Int, outcome: Outcome)] = []
    }

    private let state = Mutex(State())
    private let event: FileDescriptor
    private let look: @Sendable (String) -> Outcome

    /// Becomes readable when there are results.
    package var descriptor: Int32 { event.number }

    /// `look` is replaced in tests.
    package init(look: @escaping @Sendable (String) -> Outcome = NameResolver.askLibrary) throws(FileError) {
        let descriptor = quartermaster_eventfd()
        guard descriptor >= 0 else { throw .system(operation: "wait for", path: "names", errno: errno) }
        event = FileDescriptor(owning: descriptor, path: "names")
        self.look = look
    }

    /// Begins to look a name up; its outcome comes with `number`.
    package func begin(_ name: String, number: Int) {
        let starts = state.withLock { state in
            state.waiting.append((number, name))
            guard state.threads < Self.maximumThreads else { return false }
            state.threads += 1
            return true
        }
        guard starts, !start() else { return }
        let isFirst = state.withLock { state in
            state.threads -= 1
            return state.threads == 0
        }
        // Without any thread nothing would come, and nobody would be told.
        if isFirst, let next = next(isEnding: false) { finish(next.number, .failed("no thread could be started")) }
    }

    /// Looks names up together. One that no name server has answered in time has failed.
    package static func lookUp(
        _ names: [String], within time: Duration = .seconds(10), look: @escaping @Sendable (String) -> Outcome = askLibrary
    ) -> [String: Outcome] {
        guard !names.isEmpty else { return [:] }
        let late = Outcome.failed("no answer within \(time)")
        var found = Dictionary(names.map { ($0, late) }) { first, _ in first }
        do throws(FileError) {
            let resolver = try NameResolver(look: look)
            for (number, name) in names.enumerated() { resolver.begin(name, number: number) }
            let end = Instant.now() + Instant.nanoseconds(time)
            var (count, now) = (0, Instant.now())
            while count < names.count, now < end {
                var waiting = pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&waiting, 1, Int32(clamping: (end - now) / 1_000_000 + 1)) > 0 {
                    var value: UInt64 = 0
                    _ = read(resolver.descriptor, &value, 8)
                }
                for (number, outcome) in resolver.results() {
                    found[names[number]] = outcome
                    count += 1
                }
                now = Instant.now()
            }
        } catch {
            for name in names { found[name] = .failed(error.description) }
        }
        return found
    }

    /// What has come since the last call.
    package func results() -> [(number: Int, outcome: Outcome)] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    private func next(isEnding: Bool) -> (number: Int, name: String)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                if isEnding { state.threads -= 1 }
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    private func finish(_ number: Int, _ outcome: Outcome) {
        state.withLock { $0.results.append((number, outcome)) }
        var one: UInt64 = 1
        _ = write(event.number, &one, 8)
    }

    private func work() {
        while let (number, name) = next(isEnding: true) { finish(number, look(name)) }
    }

    private func start() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // The C library's resolver and its modules keep answers on the stack.
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let error = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<NameResolver>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, me.toOpaque())
        if error != 0 { me.release() }
        return error == 0
    }

    /// getaddrinfo(3) for streams.
    package static let askLibrary: @Sendable (String) -> Outcome = { name in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let error = getaddrinfo(name, nil, &hints, &list)
        guard error == 0, let list else {
            return .failed(error == EAI_SYSTEM ? FileError.text(of: errno) : String(cString: gai_strerror(error)))
        }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        for entry in sequence(first: list, next: { $0.pointee.ai_next }) {
            guard let form = entry.pointee.ai_addr, let address = SocketAddress(kernelForm: form)?.address, !found.contains(address) else {
                continue
            }
            found.append(address)
        }
        return found.isEmpty ? .failed("it has no address") : .addresses(found)
    }
}
