/// Which networks are scanned where nobody named one: those that this host's interfaces are on.
package enum ScanNetworks {
    package enum Fault: Error, Equatable, Sendable {
        /// No interface that is up has a network that can be scanned.
        case none
        case tooLarge(interface: String, network: String, addresses: UInt64)
    }

    /// Of the chosen interfaces; where none is chosen, of those that are up and neither loopback nor one end of a tunnel. Each network once;
    /// IPv6 networks cannot be scanned. Of a chosen interface that is loopback, its network too.
    package static func ranges(of chosen: [NetworkInterface], among all: [NetworkInterface]) throws(Fault) -> [AddressRange] {
        let interfaces = chosen.isEmpty ? all.filter { $0.isUp && !$0.isLoopback && !$0.isPointToPoint } : chosen
        var ranges: [AddressRange] = []
        for interface in interfaces {
            for network in interface.networks where network.address.family == .version4 && network.prefixLength < 32 {
                let hostBits = 32 - network.prefixLength
                guard hostBits <= AddressRange.largestHostBits else {
                    throw .tooLarge(
                        interface: interface.name, network: "\(network.address)/\(network.prefixLength)", addresses: 1 << UInt64(hostBits))
                }
                let range = AddressRange(network.address, hostBits: hostBits)
                if !ranges.contains(range) { ranges.append(range) }
            }
        }
        guard !ranges.isEmpty else { throw .none }
        return ranges
    }
}

extension ScanNetworks.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: "no interface that is up has an IPv4 network that could be scanned; name one (--subnet), or a portal (--portal)"
        case .tooLarge(let interface, let network, let addresses):
            "\(interface) is on \(network), which has \(addresses) addresses; name the part of it that holds storage"
        }
    }
}

extension ScanLimits {
    /// What is behind a router fills no table of neighbours of this host.
    package static let routedSilentPerSecond = 1_000

    /// Lets more silent addresses go in a second where none of `ranges` is on a network of this host's own.
    package mutating func adapt(to ranges: [AddressRange], among interfaces: [NetworkInterface]) {
        let networks = interfaces.filter { !$0.isLoopback }.flatMap(\.networks).filter { $0.address.family == .version4 }
        let isNear = ranges.contains { range in
            networks.contains { network in
                let bits = UInt64(max(range.hostBits, 32 - network.prefixLength))
                return range.first.family != .version4 || range.first.low >> bits == network.address.low >> bits
            }
        }
        if !isNear { silentPerSecond = max(silentPerSecond, Self.routedSilentPerSecond) }
    }
}
