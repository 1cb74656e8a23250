import Identifiers

/// What SendTargets answers (RFC 7143 appendix C):
///
///     targets = *( "TargetName=" name NUL *( "TargetAddress=" address NUL ) )
///     address = ( IPv4 / "[" IPv6 "]" / DNS name ) [":" port] ["," portal group tag]
///
/// Other keys are passed over. A name or address that is none is listed apart.
package struct SendTargetsText: Sendable, Equatable {
    package static let mostTargets = 65_536
    package static let mostPortals = 4096
    package static let mostUnusable = 1024

    package private(set) var targets: [DiscoveredTarget] = []
    package private(set) var unusable: [UnusableEntry] = []

    package init(_ bytes: [UInt8]) throws(ISCSIFault) {
        var places: [ISCSIName: Int] = [:]
        var current: Int?
        var hasName = false
        // One portal's targets mostly have one address.
        var last: (value: ArraySlice<UInt8>, portal: TargetPortal)?
        for pair in try TextKeys(bytes, limit: Self.mostTargets * 8).pairs {
            switch pair.key {
            case "TargetName":
                hasName = true
                current = try place(pair.value, &places)
            case "TargetAddress":
                guard hasName else { throw .violation(expected: "TargetName before TargetAddress", found: "TargetAddress alone") }
                let known = last.flatMap { $0.value == pair.value ? $0.portal : nil }
                guard let portal = known ?? pair.text.flatMap({ Self.address($0) }) else {
                    try refuse(pair.value, expected: "an address, [port] and portal group tag")
                    continue
                }
                last = (pair.value, portal)
                guard let current, !targets[current].portals.contains(portal) else { continue }
                guard targets[current].portals.count < Self.mostPortals else {
                    throw .tooMuch(of: "portals of one target", limit: Self.mostPortals)
                }
                targets[current].portals.append(portal)
            default: break
            }
        }
    }

    /// `192.0.2.1:3260,1`, `[2001:db8::1],2`, `array.example`
    package static func address(_ text: String) -> TargetPortal? {
        guard let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return PortalAddress(text).map { TargetPortal(address: $0, groupTag: nil) }
        }
        guard let address = PortalAddress(String(text[..<comma])),
            let tag = TextValue.number(String(text[text.utf8.index(after: comma)...]), limit: 65535)
        else { return nil }
        return TargetPortal(address: address, groupTag: UInt16(tag))
    }

    private mutating func place(_ value: ArraySlice<UInt8>, _ places: inout [ISCSIName: Int]) throws(ISCSIFault) -> Int? {
        guard let spelling = String(validating: value, as: UTF8.self), let name = ISCSIName(spelling) else {
            try refuse(value, expected: "an iSCSI name (iqn., eui. or naa.)")
            return nil
        }
        if let place = places[name] { return place }
        guard targets.count < Self.mostTargets else { throw .tooMuch(of: "targets of one portal", limit: Self.mostTargets) }
        places[name] = targets.count
        targets.append(DiscoveredTarget(name: name, spelling: spelling))
        return targets.count - 1
    }

    private mutating func refuse(_ value: ArraySlice<UInt8>, expected: String) throws(ISCSIFault) {
        guard unusable.count < Self.mostUnusable else { throw .tooMuch(of: "names and addresses that are none", limit: Self.mostUnusable) }
        unusable.append(UnusableEntry(text: WireText.excerpt(value), expected: expected))
    }
}
