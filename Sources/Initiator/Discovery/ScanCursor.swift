/// Counts through the addresses of ranges, for each interface in turn; nothing is listed.
struct ScanCursor: Sendable {
    let ranges: [AddressRange]
    /// Nil leaves the way to the routes.
    let interfaces: [NetworkInterface?]
    let port: UInt16
    /// Each interface has the ranges that are its own networks, and no others.
    let isEachItsOwn: Bool
    private var interface = 0
    private var range = 0
    private var offset = 0

    init(ranges: [AddressRange], interfaces: [NetworkInterface], port: UInt16, isEachItsOwn: Bool = false) {
        self.ranges = ranges
        self.interfaces = interfaces.isEmpty ? [nil] : interfaces
        self.port = port
        self.isEachItsOwn = isEachItsOwn
    }

    /// By how many interfaces a range is scanned.
    func ways(to range: AddressRange) -> Int { interfaces.count { isScanned(range, by: $0) } }

    private func isScanned(_ range: AddressRange, by interface: NetworkInterface?) -> Bool {
        !isEachItsOwn || interface?.isOn(range) != false
    }

    mutating func next() -> (address: SocketAddress, interface: NetworkInterface?, range: Int)? {
        while interface < interfaces.count {
            guard range < ranges.count else {
                interface += 1
                range = 0
                continue
            }
            guard offset < ranges[range].count, isScanned(ranges[range], by: interfaces[interface]) else {
                range += 1
                offset = 0
                continue
            }
            defer { offset += 1 }
            return (SocketAddress(ranges[range][offset], port: port), interfaces[interface], range)
        }
        return nil
    }
}
