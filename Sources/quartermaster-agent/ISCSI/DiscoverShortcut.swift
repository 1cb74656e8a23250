import Initiator

/// `iscsi discover` with options in their plainest form, understood without ArgumentParser, which takes longer than a portal's answer
/// and as much memory as a scan (see `InventoryShortcut`).
///
/// What is not exactly of the form `iscsi discover` with places, `--authentication`, `--format` and `--sysroot` is left to the parser: so are all
/// its messages.
struct DiscoverShortcut {
    private(set) var order = DiscoveryOrder(places: DiscoveryPlaces())

    /// Nil where the arguments are the parser's. `arguments` are without the program's name.
    init?(_ arguments: some Collection<String>) {
        guard arguments.starts(with: ["iscsi", "discover"]) else { return nil }
        var rest = arguments.dropFirst(2)
        while let option = rest.popFirst() {
            if option == "--large-scan" {
                order.places.largeScan = true
                continue
            }
            guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
            switch option {
            case "--subnet": order.places.subnet.append(value)
            case "--interface": order.places.interface.append(value)
            case "--portal": order.places.portal.append(value)
            case "--isns": order.places.isns.append(value)
            case "--sysroot": order.sysroot = value
            case "--authentication":
                guard let authentication = DiscoveryRequest.AuthenticationCheck(rawValue: value) else { return nil }
                order.authentication = authentication
            case "--format":
                guard let format = OutputFormat(rawValue: value) else { return nil }
                order.format = format
            default: return nil
            }
        }
        // Else this host's lists are asked, whose place the parser's options may tell.
        guard order.places.hasNamed else { return nil }
    }

    func run() throws { try order.run() }
}
