import Glibc

/// Where a TCP connection ends: an address, a port, and for a link-local address the link.
package struct SocketAddress: Hashable, Sendable, Comparable {
    package var address: IPAddress
    package var port: UInt16
    /// The number of the interface that a link-local address is on (RFC 4007); 0 of all others.
    package var scope: UInt32 = 0

    package init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        (self.address, self.port, self.scope) = (address, port, scope)
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.address != right.address { return left.address < right.address }
        return (left.port, left.scope) < (right.port, right.scope)
    }

    /// Calls `body` with the kernel's form of it.
    func withKernelForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch address.family {
        case .version4:
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
            return withUnsafePointer(to: &form) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        case .version6:
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_addr = in6_addr(address)
            form.sin6_scope_id = scope
            return withUnsafePointer(to: &form) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
            }
        }
    }

    /// From the kernel's form; nil for any family but the two.
    init?(kernelForm: UnsafePointer<sockaddr>) {
        let bytes = UnsafeRawPointer(kernelForm)
        switch Int32(kernelForm.pointee.sa_family) {
        case AF_INET:
            let form = bytes.loadUnaligned(as: sockaddr_in.self)
            self.init(IPAddress(version4: UInt32(bigEndian: form.sin_addr.s_addr)), port: UInt16(bigEndian: form.sin_port))
        case AF_INET6:
            let form = bytes.loadUnaligned(as: sockaddr_in6.self)
            let address = IPAddress(form.sin6_addr)
            self.init(address, port: UInt16(bigEndian: form.sin6_port), scope: address.isLinkLocal ? form.sin6_scope_id : 0)
        default: return nil
        }
    }

    /// A connected socket's own end.
    init?(localEndOf descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { form -> SocketAddress? in
                getsockname(descriptor, form, &length) == 0 ? SocketAddress(kernelForm: form) : nil
            }
        }
        guard let found else { return nil }
        self = found
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `192.0.2.1:3260`, `[2001:db8::1]:3260`.
    package var description: String { address.family == .version4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
