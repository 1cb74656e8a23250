import Foundation
import Glibc

/// One blocking exchange over a socket.
enum SocketConversation {
    enum Failure: Error { case system(String, Int32) }

    /// - Parameter halfClosed: says after the request that nothing more comes; for what is no whole request.
    ///
    /// On a thread of its own: the server's tasks need those that tests run on.
    static func exchange(_ path: String, _ text: String, halfClosed: Bool) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingExchange(text, halfClosed, family: AF_UNIX) { connect($0, to: path) } })
            }
        }
    }

    /// Over TCP, with a port of this machine.
    static func exchange(port: Int, _ text: String) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingExchange(text, false, family: AF_INET) { connect($0, to: port) } })
            }
        }
    }

    private static func connect(_ number: Int32, to path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func connect(_ number: Int32, to port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    /// A TCP port that nobody has now.
    static func freePort() throws -> Int {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Failure.system("socket", errno) }
        defer { close(number) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) == 0 && getsockname(number, $0, &length) == 0 }
        }
        guard result else { throw Failure.system("bind", errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func blockingExchange(
        _ text: String, _ halfClosed: Bool, family: Int32, _ connect: (Int32) -> Int32
    ) throws -> [UInt8] {
        let number = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw Failure.system("socket", errno) }
        defer { close(number) }
        // A peer that never answers fails the test, and does not hang it.
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connect(number) == 0 else { throw Failure.system("connect", errno) }
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            // Refused before all was read: the answer says why.
            guard count > 0 else { break }
            sent += count
        }
        if halfClosed { shutdown(number, Int32(SHUT_WR)) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(number, &chunk, chunk.count, 0)
            if count <= 0 { return answer }
            answer += chunk[..<count]
        }
    }
}
