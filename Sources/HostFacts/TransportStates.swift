/// How the links of a host's transports are at a moment, to be compared with another: the kernel tells nobody without `CAP_NET_ADMIN` that one of them
/// went down. One small file is read for each, which the kernel answers from memory (sysfs-class-fc_host, sysfs-class-fc_remote_ports,
/// sysfs-class-iscsi_session, sysfs-class-nvme).
package struct TransportStates: Equatable, Sendable {
    /// How many links there are. What is in the machine itself (an NVMe controller on PCIe) is none: it does not go without an event.
    package private(set) var count = 0
    /// A sum over names and states, so that their order does not matter.
    private var digest: UInt64 = 0

    /// No links.
    package init() {}

    /// Nil where `isOver` became true before all was read: that can be compared with nothing. A class that is not there, or may not be listed, has no
    /// links.
    package static func read(_ tree: Tree, isOver: () -> Bool) -> TransportStates? {
        let reader = FactReader(tree: tree)
        var states = TransportStates()
        let classes: [(path: String, attribute: StaticString)] = [
            ("sys/class/fc_host", "port_state"), ("sys/class/fc_remote_ports", "port_state"), ("sys/class/iscsi_session", "state"),
            ("sys/class/nvme", "state"),
        ]
        for (path, attribute) in classes {
            for name in reader.names(path, "state") {
                if isOver() { return nil }
                guard let directory = tree.directory("\(path)/\(name)") else { continue }
                // Only NVMe controllers have such a file.
                if case .value(let text) = reader.read("transport", in: directory), FactText.valid(text) == "pcie" { continue }
                states.add(name, reader.read(attribute, in: directory))
            }
        }
        return states
    }

    private mutating func add(_ name: String, _ reading: FactReader.Reading) {
        count += 1
        // FNV-1a, of this link alone.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        name.utf8.forEach(mix)
        mix(0)
        if case .value(let state) = reading { state.forEach(mix) }
        digest &+= hash
    }
}
