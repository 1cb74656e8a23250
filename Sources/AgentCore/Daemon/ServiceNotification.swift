import Glibc

/// Tells the service manager how the daemon is (sd_notify(3)): a datagram to the socket in `NOTIFY_SOCKET`. Without one nothing is sent.
package struct ServiceNotification: Sendable {
    package enum State: Equatable, Sendable {
        case ready
        case reloading(monotonicMicroseconds: Int64)
        case stopping
        case watchdog
        case status(String)

        var text: String {
            switch self {
            case .ready: "READY=1\n"
            case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)\n"
            case .stopping: "STOPPING=1\n"
            case .watchdog: "WATCHDOG=1\n"
            case .status(let text): "STATUS=\(text)\n"
            }
        }
    }

    /// A path, or `@` and an abstract name.
    private let socketName: String?
    /// Half the time that the service manager waits for a sign of life (`WATCHDOG_USEC`); nil where it waits for none.
    package let watchdogInterval: Duration?

    package init(socketName: String?, watchdogMicroseconds: Int64? = nil) {
        self.socketName = socketName
        watchdogInterval = watchdogMicroseconds.flatMap { $0 > 0 ? .microseconds($0 / 2) : nil }
    }

    /// As the environment of this process has it.
    package static func fromEnvironment() -> ServiceNotification {
        let process = getenv("WATCHDOG_PID").flatMap { Int32(String(cString: $0)) }
        let microseconds = getenv("WATCHDOG_USEC").flatMap { Int64(String(cString: $0)) }
        return ServiceNotification(
            socketName: getenv("NOTIFY_SOCKET").map { String(cString: $0) },
            watchdogMicroseconds: process == nil || process == getpid() ? microseconds : nil)
    }

    /// A service manager that does not listen is not a fault of the agent's.
    package func send(_ state: State) {
        guard let socketName, socketName.hasPrefix("/") || socketName.hasPrefix("@") else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketName.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(state.text.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
