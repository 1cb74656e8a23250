import ArgumentParser
import Initiator

/// What one of the lists is called, and what stands on it.
protocol AddressListTexts {
    static var list: AddressList.Kind { get }
    static var command: String { get }
    /// One of them, at a sentence's beginning, and several.
    static var place: String { get }
    static var places: String { get }
    /// As they are given on a command line.
    static var example: String { get }
    static var secondExample: String { get }
    /// Commands of its own, beside those that change the list.
    static var more: [any ParsableCommand.Type] { get }
}

/// `quartermaster-agent iscsi portals`: the list of portals.
enum PortalListTexts: AddressListTexts {
    static let list = AddressList.Kind.portals
    static let command = "portals"
    static let place = "A portal"
    static let places = "portals"
    static let example = "192.0.2.1"
    static let secondExample = "'[2001:db8::1]:3260'"
    static var more: [any ParsableCommand.Type] { [] }
}

/// `quartermaster-agent iscsi isns`: the list of iSNS servers.
enum ServerListTexts: AddressListTexts {
    static let list = AddressList.Kind.servers
    static let command = "isns"
    static let place = "An iSNS server"
    static let places = "iSNS servers"
    static let example = "192.0.2.9"
    static let secondExample = "isns.example:3205"
    static var more: [any ParsableCommand.Type] { [RegisterAtServersCommand.self, DeregisterAtServersCommand.self] }
}
