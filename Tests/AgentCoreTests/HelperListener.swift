import CLinux
import Dispatch
import Files
import Glibc
import Synchronization
import Testing

@testable import AgentCore

/// What quartermaster-agent-helper.socket does with Accept=yes: listens, and starts the real program for each connection, with the connection as its
/// standard input.
final class HelperListener: Sendable {
    let path: String
    private let listening: FileDescriptor
    private let isOver = Mutex(false)
    private let served = Mutex(0)
    private let finished = DispatchSemaphore(value: 0)

    /// Requests that were served.
    var count: Int { served.withLock { $0 } }

    /// - Parameter arguments: Of `helper`. What it says on standard error goes to `log`.
    init(at path: String, program: String, arguments: [String], log: String) throws {
        self.path = path
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(number >= 0)
        let listening = FileDescriptor(owning: number, path: path)
        self.listening = listening
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < 108, "\(path) is too long for a socket")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(result == 0 && listen(number, 8) == 0)
        chmod(path, 0o666)
        let errors = try FileDescriptor(opening: log, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
        DispatchQueue.global().async { self.serve(program, arguments, errors) }
    }

    private func serve(_ program: String, _ arguments: [String], _ errors: FileDescriptor) {
        defer { finished.signal() }
        while !isOver.withLock({ $0 }) {
            var waiting = pollfd(fd: listening.number, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 50) == 1 else { continue }
            let number = accept(listening.number, nil, nil)
            guard number >= 0 else { continue }
            let connection = FileDescriptor(owning: number, path: "a connection")
            var vector = ([program, "helper"] + arguments).map { strdup($0) } + [nil]
            var variables = [strdup("PATH=/usr/bin:/bin"), nil]
            defer { for pointer in vector + variables { free(pointer) } }
            var process: Int32 = 0
            let result = quartermaster_spawn(
                program, &vector, &variables, connection.number, errors.number, errors.number, 0, &process)
            guard result == 0 else { continue }
            waitpid(process, nil, 0)
            served.withLock { $0 += 1 }
        }
    }

    /// From here on nobody answers.
    func stop() {
        isOver.withLock { $0 = true }
        finished.wait()
        unlink(path)
    }
}
