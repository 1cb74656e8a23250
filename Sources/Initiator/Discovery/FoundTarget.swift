import ISCSI
import Identifiers

/// A target that a discovery found, merged from all sources.
package struct FoundTarget: Equatable, Sendable {
    /// Where word of a target comes from.
    package enum Source: String, Sendable, Comparable, CaseIterable {
        case scan, portal, isns

        package static func < (left: Self, right: Self) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    package enum Authentication: String, Sendable { case none, chap, unknown }

    package struct Portal: Hashable, Sendable, Comparable {
        package var address: PortalAddress
        /// Nil where nobody told it.
        package var groupTag: UInt16?
        /// This host's interface that it was reached by; nil where it was not tried.
        package var interface: String?

        package init(address: PortalAddress, groupTag: UInt16? = nil, interface: String? = nil) {
            (self.address, self.groupTag, self.interface) = (address, groupTag, interface)
        }

        package static func < (left: Self, right: Self) -> Bool {
            if left.address != right.address { return left.address < right.address }
            return (left.groupTag ?? 0, left.interface ?? "") < (right.groupTag ?? 0, right.interface ?? "")
        }
    }

    package var name: ISCSIName
    /// As the target spells itself: a login must do so too.
    package var spelling: String
    package var alias: String?
    /// Sorted, each once.
    package var portals: [Portal]
    /// Sorted, each once.
    package var sources: [Source]
    package var authentication: Authentication
    /// This host has a session to it.
    package var isConnected: Bool
    /// open-iscsi has a record of it.
    package var isRecorded: Bool
    /// Vendor, product and serial number, as far as name and alias tell them.
    package var maker: TargetMaker?

    package init(
        name: ISCSIName, spelling: String? = nil, alias: String? = nil, portals: [Portal] = [], sources: [Source] = [],
        authentication: Authentication = .unknown, isConnected: Bool = false, isRecorded: Bool = false, maker: TargetMaker? = nil
    ) {
        self.name = name
        self.spelling = spelling ?? name.description
        self.alias = alias
        self.portals = portals
        self.sources = sources
        self.authentication = authentication
        self.isConnected = isConnected
        self.isRecorded = isRecorded
        self.maker = maker
    }
}
