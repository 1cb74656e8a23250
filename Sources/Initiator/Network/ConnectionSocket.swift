import Glibc

/// The system calls of a TCP connection that does not block.
enum ConnectionSocket {
    enum Opening {
        /// The connection is under way, or stands: the descriptor becomes writable.
        case underWay(Int32)
        case refused(errno: Int32)
        /// This host has no room for one more now.
        case exhausted(errno: Int32)
    }

    static func open(_ address: SocketAddress, by interface: NetworkInterface?) -> Opening {
        let family = address.address.family == .version4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return fault(errno) }
        if let interface, let reason = bind(descriptor, to: interface, for: address.address.family) {
            close(descriptor)
            return .refused(errno: reason)
        }
        var address = address
        if address.address.isLinkLocal, address.scope == 0, let interface { address.scope = interface.number }
        let result = address.withKernelForm { connect(descriptor, $0, $1) }
        if result == 0 || errno == EINPROGRESS { return .underWay(descriptor) }
        let reason = errno
        close(descriptor)
        return fault(reason)
    }

    /// The reason why a connection under way did not come to stand; 0 where it stands.
    static func outcome(_ descriptor: Int32) -> Int32 {
        var reason: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &length) == 0 ? reason : errno
    }

    /// What is written goes out at once: a login is one small request after the other.
    static func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        // Where it cannot be set, the connection is slower and works.
        _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Bound to the device, which needs no privilege since Linux 5.7; before that, to the interface's address.
    private static func bind(_ descriptor: Int32, to interface: NetworkInterface, for family: IPAddress.Family) -> Int32? {
        if setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface.name, socklen_t(interface.name.utf8.count)) == 0 { return nil }
        guard errno == EPERM else { return errno }
        guard let own = interface.networks.first(where: { $0.address.family == family })?.address else { return EADDRNOTAVAIL }
        let scope = own.isLinkLocal ? interface.number : 0
        return SocketAddress(own, port: 0, scope: scope).withKernelForm { Glibc.bind(descriptor, $0, $1) } == 0 ? nil : errno
    }

    private static func fault(_ reason: Int32) -> Opening {
        Reachability.isExhausted(reason) ? .exhausted(errno: reason) : .refused(errno: reason)
    }
}
