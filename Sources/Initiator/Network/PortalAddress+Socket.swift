import ISCSI

extension PortalAddress {
    package init(_ socket: SocketAddress, zone: String? = nil) {
        let address = socket.address
        switch address.family {
        case .version4: self.init(host: .ipv4(UInt32(truncatingIfNeeded: address.low)), port: socket.port)
        case .version6:
            let bytes = [address.high, address.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - $0 * 8)) } }
            self.init(host: .ipv6(bytes, zone: address.isLinkLocal ? zone : nil), port: socket.port)
        }
    }

    /// Where to connect to; nil of a name, which is to be looked up first. A zone that is no interface of this host is left out.
    package func socket(among interfaces: [NetworkInterface]) -> SocketAddress? {
        switch host {
        case .ipv4(let number): return SocketAddress(IPAddress(version4: number), port: port)
        case .ipv6(let bytes, let zone):
            func half(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            guard bytes.count == 16 else { return nil }
            let scope = zone.flatMap { zone in interfaces.first { $0.name == zone }?.number } ?? 0
            return SocketAddress(IPAddress(version6: half(0..<8), half(8..<16)), port: port, scope: scope)
        case .name: return nil
        }
    }

    /// What this is, where a portal at `sender` may not send this host here; nil where it may. `names` are those that were looked up.
    func reach(forbiddenTo sender: PortalAddress, names: [String: NameResolver.Outcome]) -> AddressReach? {
        let (own, senders) = (addresses(names), sender.addresses(names))
        let isAllowed = own.contains { address in senders.contains { $0.maySend(to: address) } }
        return isAllowed ? nil : own.first?.reach
    }

    private func addresses(_ names: [String: NameResolver.Outcome]) -> [IPAddress] {
        if let socket = socket(among: []) { return [socket.address] }
        guard let hostName, case .addresses(let found)? = names[hostName] else { return [] }
        return found
    }

    /// Its zone, where that is no interface of this host.
    package func unknownZone(among interfaces: [NetworkInterface]) -> String? {
        guard case .ipv6(_, let zone?) = host, !interfaces.contains(where: { $0.name == zone }) else { return nil }
        return zone
    }

    /// The name to look up, if it is one.
    package var hostName: String? { if case .name(let name) = host { name } else { nil } }
}
