import Glibc
import Synchronization
import Testing

@testable import Initiator

/// A small TCP server of a test's own on loopback, which behaves to each connection as it is told.
final class TestListener: Sendable {
    enum Behaviour: Sendable {
        /// Takes the connection and says nothing, until the other side closes.
        case silence
        /// Closes at once, before anything is said.
        case close
        /// Resets it (SO_LINGER of 0 seconds).
        case reset
        /// Sends these bytes once something came, then closes.
        case say([UInt8])
        /// Sends them one by one, each in a packet of its own, and closes.
        case drip([UInt8])
        /// Sends a byte again and again, for as long as anybody reads.
        case flood
    }

    let address: SocketAddress
    private let descriptor: Int32
    private let accepted = Atomic<Int>(0)

    var connections: Int { accepted.load(ordering: .sequentiallyConsistent) }

    /// Port 0 is any.
    init(_ behaviour: Behaviour, on address: String = "127.0.0.1", port: UInt16 = 0) throws {
        let ip = try #require(IPAddress(address))
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(ip.family == .version4 ? AF_INET : AF_INET6, type, 0)
        descriptor = socket
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        let isBound = SocketAddress(ip, port: port).withKernelForm { bind(socket, $0, $1) } == 0
        try #require(isBound, "cannot bind to \(ip): \(errno)")
        try #require(listen(socket, 1024) == 0)
        self.address = try #require(SocketAddress(localEndOf: socket))
        let job = Unmanaged.passRetained(
            Job { [self] in
                while true {
                    let connection = accept(socket, nil, nil)
                    if connection < 0 {
                        if errno == EINTR || errno == ECONNABORTED { continue }
                        return
                    }
                    accepted.add(1, ordering: .sequentiallyConsistent)
                    Self.start { Self.serve(connection, behaviour) }
                }
            })
        Self.start(job)
    }

    /// Listens no more. The thread that accepts closes the socket: closed here, its number could be another listener's by the next accept(2).
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    static func with<Result>(_ behaviour: Behaviour, _ body: (TestListener) throws -> Result) throws -> Result {
        let listener = try TestListener(behaviour)
        defer { listener.end() }
        return try body(listener)
    }

    private static func serve(_ connection: Int32, _ behaviour: Behaviour) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        switch behaviour {
        case .silence: while read(connection, &buffer, buffer.count) > 0 {}
        case .close: break
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        case .say(let bytes):
            guard read(connection, &buffer, buffer.count) > 0 else { return }
            send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        case .drip(let bytes):
            var on: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            guard read(connection, &buffer, buffer.count) > 0 else { return }
            for byte in bytes { send(connection, [byte], 1, Int32(MSG_NOSIGNAL)) }
        case .flood:
            let bytes = [UInt8](repeating: 0x41, count: 65_536)
            while send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {}
        }
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) { start(Unmanaged.passRetained(Job(body))) }

    private static func start(_ job: Unmanaged<Job>) {
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, job.toOpaque())
        precondition(error == 0, "no thread for a test's listener: \(error)")
        pthread_detach(thread)
    }
}
