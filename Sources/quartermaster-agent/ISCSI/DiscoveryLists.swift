import AgentCore
import ArgumentParser
import ISCSI
import Initiator
import StrictJSON

/// What a discovery asks where nobody names anything: the addresses of both lists.
struct DiscoveryLists {
    var portals: [PortalAddress] = []
    var servers: [PortalAddress] = []

    var isEmpty: Bool { portals.isEmpty && servers.isEmpty }

    init() {}

    init(_ common: CommonOptions) throws(SetupError) {
        portals = try AddressList(.portals, in: common.listDirectory).addresses()
        servers = try AddressList(.servers, in: common.listDirectory).addresses()
    }
}

extension CommonOptions {
    /// Where the lists are: beside the configuration, as `register.conf` is.
    var listDirectory: String {
        let path = configurationFile ?? AgentConfiguration.defaultPath
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }
}

/// One of the lists, as the commands `portals` and `isns` show and change it.
struct ListedAddresses {
    let kind: AddressList.Kind
    let list: AddressList

    init(_ kind: AddressList.Kind, _ common: CommonOptions) {
        self.kind = kind
        list = AddressList(kind, in: common.listDirectory)
    }

    /// `empty` is what is said of a list without any.
    func show(_ format: OutputFormat, empty: String) throws {
        let addresses = try endingAsDocumented(format, .standardError(level: .notice)) { () throws(SetupError) in try list.addresses() }
        switch format {
        case .json: try printDocument { Self.write(addresses, as: kind.rawValue, to: &$0) }
        case .text:
            if addresses.isEmpty { try printLine(empty) }
            for address in addresses { try printLine("\(address)") }
        }
    }

    /// `change` returns those that it changed something for; of the others it is said that nothing was to be done.
    func change(
        _ texts: [String], _ format: OutputFormat, done: String, already: String,
        _ change: (AddressList, [PortalAddress]) throws(SetupError) -> [PortalAddress]
    ) throws {
        let given = try texts.map(parse)
        let (changed, addresses) = try endingAsDocumented(format, .standardError(level: .notice)) { () throws(SetupError) in
            (try change(list, given), try list.addresses())
        }
        try printOutcome(format, given.map { "\($0): \(changed.contains($0) ? done : already)" }) { writer in
            writer.member("changed", !changed.isEmpty)
            Self.write(addresses, as: kind.rawValue, to: &writer)
        }
    }

    private func parse(_ text: String) throws(AgentError) -> PortalAddress {
        try PortalAddress(written: text, for: "address", defaultPort: kind.defaultPort)
    }

    private static func write(_ addresses: [PortalAddress], as name: String, to writer: inout JSONWriter) {
        writer.key(name)
        writer.array(addresses) { writer, address in
            writer.object { writer in
                writer.member("address", address.host.description)
                writer.member("port", address.port)
            }
        }
    }
}
