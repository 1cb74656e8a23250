import AgentCore
import ISCSI
import Initiator

/// Where a discovery looks, as it was written; each may stand several times.
struct DiscoveryPlaces: Equatable {
    /// More addresses than these are scanned only where that is said.
    static let plainAddresses = 4096

    var subnet: [String] = []
    var interface: [String] = []
    var portal: [String] = []
    var isns: [String] = []
    /// This host's lists.
    var listed = false
    var scanPort = ISCSIPort.target
    /// More than `plainAddresses` are meant.
    var largeScan = false

    /// Nobody said where to look: the lists are asked, and the networks of this host's interfaces scanned.
    var areDefaults: Bool { !hasNamed && interface.isEmpty }
    var hasNamed: Bool { listed || !subnet.isEmpty || !portal.isEmpty || !isns.isEmpty }

    /// `lists` are asked where that is said, or nothing else. Returns what the reader should know of it.
    func fill(_ request: inout DiscoveryRequest, _ hostInterfaces: [NetworkInterface], lists: DiscoveryLists) throws(AgentError) -> [String]
    {
        request.scanPort = scanPort
        for text in portal {
            request.portals.append(try Self.address(text, for: "--portal", ISCSIPort.target, hostInterfaces))
        }
        for text in isns {
            request.servers.append(try Self.address(text, for: "--isns", ISCSIPort.isns, hostInterfaces))
        }
        for name in interface {
            guard let found = hostInterfaces.first(where: { $0.name == name }) else {
                throw .invalid(
                    option: "--interface", value: name.printable,
                    allowed: hostInterfaces.map(\.name).joined(separator: ", "))
            }
            guard found.isUp else {
                throw .invalid(option: "--interface", value: name, allowed: "an interface that is up: ip link set \(name) up")
            }
            if !request.interfaces.contains(found) { request.interfaces.append(found) }
        }
        for text in subnet {
            do throws(AddressRange.Fault) {
                request.add(try AddressRange(parsing: text))
            } catch {
                throw .invalid(option: "--subnet", value: text.printable, allowed: "\(error)".printable)
            }
        }
        if listed || areDefaults {
            request.portals += lists.portals.filter { !request.portals.contains($0) }
            request.servers += lists.servers.filter { !request.servers.contains($0) }
        }
        if listed, lists.isEmpty {
            throw .missing(option: "--listed", what: "no portal and no iSNS server is listed (iscsi portals add, iscsi isns add)")
        }
        guard !hasNamed else {
            try checkCount(request)
            return []
        }
        do throws(AgentError) {
            do throws(ScanNetworks.Fault) {
                request.scansOwnNetworks = true
                request.ranges = try ScanNetworks.ranges(of: request.interfaces, among: hostInterfaces)
            } catch {
                throw .missing(option: "--subnet", what: "\(error)")
            }
            try checkCount(request)
        } catch {
            // What is listed can be asked all the same.
            guard areDefaults, !lists.isEmpty else { throw error }
            request.ranges = []
            return ["only what is listed was asked, and nothing scanned: \(error)"]
        }
        return []
    }

    private static func address(
        _ text: String, for option: String, _ port: UInt16, _ hostInterfaces: [NetworkInterface]
    ) throws(AgentError) -> PortalAddress {
        let address = try PortalAddress(written: text, for: option, defaultPort: port)
        if let zone = address.unknownZone(among: hostInterfaces) {
            throw .invalid(option: option, value: text.printable, allowed: "an interface of this host behind %, which \(zone) is not")
        }
        return address
    }

    private func checkCount(_ request: DiscoveryRequest) throws(AgentError) {
        let count = request.addressCount
        guard count <= Self.plainAddresses || largeScan else {
            throw .missing(
                option: "--large-scan",
                what:
                    "\(count) addresses would be scanned (\(request.ranges.map(\.description).joined(separator: ", "))), which is more than \(Self.plainAddresses)"
            )
        }
    }
}
