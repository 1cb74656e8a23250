import Identifiers

/// The targets in an iSNS server's answer: storage nodes (attributes 32 to 34), portals (16, 17) and portal groups (48 to 51), each object begun by its
/// key. A portal group ties a target to a portal. What is more than a bound allows is left out, and the bound is named.
struct ISNSObjects: Sendable, Equatable {
    static let mostTargets = 65_536
    /// Of one target.
    static let mostPortals = 4096
    /// Of all targets together.
    static let mostAddresses = 65_536
    static let mostUnusable = 1024

    private(set) var targets: [DiscoveredTarget] = []
    private(set) var unusable: [UnusableEntry] = []
    private(set) var bounds: [ReachedBound] = []
    /// Portals that stand for themselves, not in a group.
    private(set) var portals: [PortalAddress] = []
    private var places: [ISCSIName: Int] = [:]
    /// Beside each target's portals, and beside those that stand for themselves.
    private var seen: [Set<TargetPortal>] = []
    private var seenPortals: Set<PortalAddress> = []
    private var addresses = 0
    /// Nodes that were told to be no targets; their portal groups do not make them any.
    private var others: Set<ISCSIName> = []

    /// What is behind the delimiter of a response.
    init(_ attributes: [ISNSAttribute]) { add(attributes) }

    mutating func add(_ attributes: [ISNSAttribute]) {
        typealias Tag = ISNSAttribute.Tag
        var node: Int?
        var group = Group()
        var portal: PortalAddress.Host?
        for attribute in attributes {
            switch attribute.tag {
            case Tag.iscsiName:
                node = place(attribute.textBytes)
            case Tag.nodeType:
                // An initiator or a control node that a server tells all the same.
                if let place = node, let type = attribute.number, type & 1 == 0 {
                    others.insert(targets[place].name)
                    if place == targets.count - 1, targets[place].portals.isEmpty { remove(place) }
                    node = nil
                }
            case Tag.alias:
                if let node, !attribute.textBytes.isEmpty { targets[node].alias = WireText.excerpt(attribute.textBytes, limit: 255) }
            case Tag.portalAddress: portal = attribute.address
            case Tag.portalPort:
                if let host = portal, let port = attribute.port { keep(PortalAddress(host: host, port: port)) }
                portal = nil
            case Tag.groupName:
                close(&group)
                group.name = attribute.textBytes
            case Tag.groupAddress: group.address = attribute
            case Tag.groupPort: group.port = attribute
            case Tag.groupTag: group.tag = attribute
            default: break
            }
        }
        close(&group)
    }

    /// Whether more portals are taken.
    var hasRoom: Bool { addresses < Self.mostAddresses }

    /// Portals of a target that no group named.
    mutating func give(_ given: ISNSObjects, to target: Int) {
        for bound in given.bounds { bounds.note(bound.what, limit: bound.limit) }
        let taken = given.portals.prefix(Self.mostAddresses - addresses)
        if taken.count < given.portals.count { bounds.note("portals of all targets together", limit: Self.mostAddresses) }
        addresses += taken.count
        targets[target].portals = taken.map { TargetPortal(address: $0, groupTag: nil) }
        seen[target] = []
    }

    private struct Group {
        var name: ArraySlice<UInt8>?
        var address: ISNSAttribute?
        var port: ISNSAttribute?
        var tag: ISNSAttribute?
    }

    private mutating func close(_ group: inout Group) {
        defer { group = Group() }
        // A group without an address is one whose portal is not registered (RFC 4171 section 3.4).
        guard let name = group.name, let place = place(name), let address = group.address, !address.value.isEmpty else { return }
        guard let host = address.address, let port = group.port?.port else {
            return refuse(address.value, expected: "an IP address and a TCP port")
        }
        // An empty tag: the target is not to be reached through this portal (RFC 4171 section 6.5.4).
        if let tag = group.tag, tag.value.isEmpty { return }
        guard let tag = group.tag?.number, tag <= 65535 else {
            return refuse(group.tag?.value ?? [], expected: "a portal group tag of 0 to 65535")
        }
        let portal = TargetPortal(address: PortalAddress(host: host, port: port), groupTag: UInt16(tag))
        guard addresses < Self.mostAddresses else {
            return bounds.note("portals of all targets together", limit: Self.mostAddresses)
        }
        guard targets[place].portals.appendNew(portal, seen: &seen[place]) else { return }
        guard targets[place].portals.count <= Self.mostPortals else {
            targets[place].portals.removeLast()
            seen[place].remove(portal)
            return bounds.note("portals of one target", limit: Self.mostPortals)
        }
        addresses += 1
    }

    private mutating func place(_ value: ArraySlice<UInt8>) -> Int? {
        guard let spelling = String(validating: value, as: UTF8.self), let name = ISCSIName(spelling) else {
            refuse(value, expected: "an iSCSI name (iqn., eui. or naa.)")
            return nil
        }
        if let place = places[name] { return place }
        if others.contains(name) { return nil }
        guard targets.count < Self.mostTargets else {
            bounds.note("targets of one iSNS server", limit: Self.mostTargets)
            return nil
        }
        places[name] = targets.count
        targets.append(DiscoveredTarget(name: name, spelling: spelling))
        seen.append([])
        return targets.count - 1
    }

    /// The last.
    private mutating func remove(_ place: Int) {
        places[targets[place].name] = nil
        targets.remove(at: place)
        seen.remove(at: place)
    }

    private mutating func keep(_ portal: PortalAddress) {
        guard portals.count < Self.mostPortals || seenPortals.contains(portal) else {
            return bounds.note("portals of one target", limit: Self.mostPortals)
        }
        _ = portals.appendNew(portal, seen: &seenPortals)
    }

    private mutating func refuse(_ value: ArraySlice<UInt8>, expected: String) {
        guard unusable.count < Self.mostUnusable else { return bounds.note("names and addresses that are none", limit: Self.mostUnusable) }
        unusable.append(UnusableEntry(text: WireText.excerpt(value), expected: expected))
    }
}
