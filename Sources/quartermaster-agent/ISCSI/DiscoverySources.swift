import ArgumentParser
import ISCSI

/// Where a discovery looks.
struct DiscoverySources: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A network to scan, at most a /16, or an address; may be given several times.", valueName: "cidr"))
    var subnet: [String] = []

    @Option(
        help: ArgumentHelp(
            "Go out by this interface; its networks are scanned where no other source is given. May be given several times.",
            valueName: "name"))
    var interface: [String] = []

    @Option(help: ArgumentHelp("A portal to ask for its targets; may be given several times.", valueName: "host[:port]"))
    var portal: [String] = []

    @Option(help: ArgumentHelp("An iSNS server to ask for targets; may be given several times.", valueName: "host[:port]"))
    var isns: [String] = []

    @Flag(help: "Ask what iscsi portals list and iscsi isns list show.")
    var listed = false

    @Option(help: ArgumentHelp("The port to scan (default: 3260).", valueName: "port"))
    var scanPort: UInt16 = ISCSIPort.target

    @Flag(help: "Scan more than 4096 addresses.")
    var largeScan = false

    func validate() throws { try checkNumber("--scan-port", Int(scanPort), in: 1...65535, "1 to 65535") }

    var places: DiscoveryPlaces {
        DiscoveryPlaces(
            subnet: subnet, interface: interface, portal: portal, isns: isns, listed: listed, scanPort: scanPort, largeScan: largeScan)
    }
}
