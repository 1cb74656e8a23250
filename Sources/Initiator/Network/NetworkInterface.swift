import Glibc

/// A network interface of this host with its addresses (getifaddrs(3)).
package struct NetworkInterface: Equatable, Sendable {
    package struct Network: Equatable, Sendable {
        package var address: IPAddress
        /// The length of the network's prefix: 24 of 192.0.2.1/24.
        package var prefixLength: Int

        package init(address: IPAddress, prefixLength: Int) { (self.address, self.prefixLength) = (address, prefixLength) }
    }

    package var name: String
    /// The kernel's number for it (if_nametoindex(3)).
    package var number: UInt32
    package var isUp: Bool
    package var isLoopback: Bool
    /// A tunnel, a dial-up line: whose other end is no network of storage unless somebody says so.
    package var isPointToPoint: Bool
    package var networks: [Network]

    package init(
        name: String, number: UInt32 = 0, isUp: Bool = true, isLoopback: Bool = false, isPointToPoint: Bool = false,
        networks: [Network] = []
    ) {
        self.name = name
        self.number = number
        self.isUp = isUp
        self.isLoopback = isLoopback
        self.isPointToPoint = isPointToPoint
        self.networks = networks
    }

    /// This host's, in the kernel's order. Empty where the kernel does not say.
    package static func all() -> [NetworkInterface] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0, let list else { return [] }
        defer { freeifaddrs(list) }
        var found: [NetworkInterface] = []
        for entry in sequence(first: list, next: { $0.pointee.ifa_next }) {
            let name = String(cString: entry.pointee.ifa_name)
            let flags = entry.pointee.ifa_flags
            let index: Int
            if let known = found.firstIndex(where: { $0.name == name }) {
                index = known
            } else {
                index = found.count
                found.append(
                    NetworkInterface(
                        name: name, number: if_nametoindex(name), isUp: flags & UInt32(IFF_UP) != 0,
                        isLoopback: flags & UInt32(IFF_LOOPBACK) != 0,
                        isPointToPoint: flags & UInt32(IFF_POINTOPOINT) != 0))
            }
            guard let form = entry.pointee.ifa_addr, let address = SocketAddress(kernelForm: form),
                let mask = entry.pointee.ifa_netmask.flatMap({ SocketAddress(kernelForm: $0)?.address })
            else { continue }
            let length =
                mask.family == .version4
                ? (UInt32(truncatingIfNeeded: mask.low)).nonzeroBitCount : mask.high.nonzeroBitCount + mask.low.nonzeroBitCount
            found[index].networks.append(Network(address: address.address, prefixLength: length))
        }
        return found
    }

    /// Whether this is one of its own networks.
    func isOn(_ range: AddressRange) -> Bool {
        networks.contains { $0.address.family == .version4 && AddressRange($0.address, hostBits: 32 - $0.prefixLength) == range }
    }

    /// The interface that has this address, or, of loopback's, the network of which it is.
    package static func holding(_ address: IPAddress, of interfaces: [NetworkInterface]) -> NetworkInterface? {
        interfaces.first { $0.networks.contains { $0.address == address } }
            ?? (address.isLoopback ? interfaces.first { $0.isLoopback } : nil)
    }
}
