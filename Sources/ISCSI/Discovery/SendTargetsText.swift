import Glibc
import Identifiers

/// What SendTargets answers (RFC 7143 appendix C):
///
///     targets = *( "TargetName=" name NUL *( "TargetAddress=" address NUL ) )
///     address = ( IPv4 / "[" IPv6 "]" / DNS name ) [":" port] ["," portal group tag]
///
/// Other keys are passed over. A name or address that is none is listed apart. What is more than a bound allows is left out, and the bound is named.
package struct SendTargetsText: Sendable, Equatable {
    package static let mostTargets = 65_536
    /// Of one target.
    package static let mostPortals = 4096
    /// Of all targets together.
    package static let mostAddresses = 65_536
    package static let mostUnusable = 1024

    package private(set) var targets: [DiscoveredTarget] = []
    package private(set) var unusable: [UnusableEntry] = []
    package private(set) var bounds: [ReachedBound] = []
    /// Beside the portals of a target that has several.
    private var seen: [Int: Set<TargetPortal>] = [:]
    private var addresses = 0

    /// Throws `.violation`.
    package init(_ bytes: [UInt8]) throws(ISCSIFault) {
        do throws(ISCSIFault) { try read(bytes) } catch {
            guard let bound = ReachedBound(error) else { throw error }
            bounds.append(bound)
        }
    }

    private mutating func read(_ bytes: [UInt8]) throws(ISCSIFault) {
        // A target takes a line or two of some fifty bytes.
        var places = [ISCSIName: Int](minimumCapacity: min(bytes.count / 64, Self.mostTargets))
        var current: Int?
        var hasName = false
        var last = LastAddress()
        try bytes.withUnsafeBufferPointer { text throws(ISCSIFault) in
            try TextKeys.forEach(in: text, limit: Self.mostTargets * 8) { key, value throws(ISCSIFault) in
                let (key, value) = (UnsafeBufferPointer(rebasing: text[key]), UnsafeBufferPointer(rebasing: text[value]))
                if Self.isSame(key, "TargetName") {
                    hasName = true
                    current = place(value, &places)
                } else if Self.isSame(key, "TargetAddress") {
                    guard hasName else { throw .violation(expected: "TargetName before TargetAddress", found: "TargetAddress alone") }
                    guard last.read(value) else { return refuse(value, expected: "an address, [port] and portal group tag") }
                    if let current { add(last.portals, to: current) }
                } else if Self.isSame(key, "SendTargets") {
                    // Reject, NotUnderstood or Irrelevant (RFC 7143 section 6.2), in place of a list.
                    throw .violation(expected: "targets", found: "SendTargets=\(WireText.excerpt(value))")
                }
            }
        }
    }

    /// As one comparison of memory; `elementsEqual` goes byte by byte through two iterators.
    private static func isSame(_ key: UnsafeBufferPointer<UInt8>, _ name: StaticString) -> Bool {
        guard let start = key.baseAddress, key.count == name.utf8CodeUnitCount else { return false }
        return memcmp(start, name.utf8Start, key.count) == 0
    }

    /// One portal's targets mostly have one address, which is read once, and kept once.
    private struct LastAddress {
        private var value: [UInt8] = []
        /// One.
        private(set) var portals: [TargetPortal] = []

        /// False where the value is no address; then the one before is kept.
        mutating func read(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
            if !portals.isEmpty, value.count == self.value.count, value.elementsEqual(self.value) { return true }
            guard let portal = String(validating: value, as: UTF8.self).flatMap(SendTargetsText.address) else { return false }
            (self.value, portals) = (Array(value), [portal])
            return true
        }
    }

    private mutating func add(_ portals: [TargetPortal], to place: Int) {
        guard addresses < Self.mostAddresses else {
            return bounds.note("portals of all targets together", limit: Self.mostAddresses)
        }
        guard !targets[place].portals.isEmpty else {
            targets[place].portals = portals
            addresses += portals.count
            return
        }
        for portal in portals where targets[place].portals.appendNew(portal, seen: &seen[place, default: []]) {
            if targets[place].portals.count <= Self.mostPortals {
                addresses += 1
            } else {
                targets[place].portals.removeLast()
                seen[place]?.remove(portal)
                bounds.note("portals of one target", limit: Self.mostPortals)
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

    private mutating func place(_ value: UnsafeBufferPointer<UInt8>, _ places: inout [ISCSIName: Int]) -> Int? {
        guard let spelling = String(validating: value, as: UTF8.self), let name = ISCSIName(spelling) else {
            refuse(value, expected: "an iSCSI name (iqn., eui. or naa.)")
            return nil
        }
        if let place = places[name] { return place }
        guard targets.count < Self.mostTargets else {
            bounds.note("targets of one portal", limit: Self.mostTargets)
            return nil
        }
        places[name] = targets.count
        targets.append(DiscoveredTarget(name: name, spelling: spelling))
        return targets.count - 1
    }

    private mutating func refuse(_ value: UnsafeBufferPointer<UInt8>, expected: String) {
        guard unusable.count < Self.mostUnusable else { return bounds.note("names and addresses that are none", limit: Self.mostUnusable) }
        unusable.append(UnusableEntry(text: WireText.excerpt(value), expected: expected))
    }
}
