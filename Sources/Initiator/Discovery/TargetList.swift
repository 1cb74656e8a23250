import ISCSI
import Identifiers

/// One list out of what many portals and servers said: each target once, with everything that was said of it.
package struct TargetList: Sendable {
    private var targets: [ISCSIName: FoundTarget] = [:]

    package init() {}

    package var count: Int { targets.count }
    package func contains(_ name: ISCSIName) -> Bool { targets[name] != nil }

    /// Of a target that a portal listed, which was reached at `reached` by `interface`; both nil of one that an iSNS server named.
    package mutating func add(
        _ target: DiscoveredTarget, from source: FoundTarget.Source, reached: PortalAddress? = nil, interface: String? = nil
    ) {
        var found = targets[target.name] ?? FoundTarget(name: target.name, spelling: target.spelling)
        if !found.sources.contains(source) { found.sources.append(source) }
        found.alias = found.alias ?? target.alias
        var portals = target.portals.map { FoundTarget.Portal(address: $0.address, groupTag: $0.groupTag) }
        // A portal that names no address means itself (RFC 7143 appendix C).
        if portals.isEmpty, let reached { portals = [FoundTarget.Portal(address: reached)] }
        for var portal in portals {
            if portal.address == reached { portal.interface = interface }
            if !found.portals.contains(portal) { found.portals.append(portal) }
        }
        targets[target.name] = found
    }

    /// What the security stage of a login told.
    package mutating func learn(
        _ name: ISCSIName, _ answer: SecurityProbe.Answer, reached: PortalAddress, interface: String?
    ) {
        guard var found = targets[name] else { return }
        switch answer.authentication {
        case .none: found.authentication = .none
        case .chap: found.authentication = .chap
        case .other: found.authentication = .unknown
        }
        found.alias = found.alias ?? answer.alias
        for index in found.portals.indices where found.portals[index].address == reached {
            found.portals[index].groupTag = found.portals[index].groupTag ?? answer.groupTag
            found.portals[index].interface = found.portals[index].interface ?? interface
        }
        targets[name] = found
    }

    /// All, by name, with what this host knows of them.
    package func sorted(known: KnownTargets) -> [FoundTarget] {
        targets.values.map { target in
            var target = target
            target.portals = Self.merged(target.portals)
            target.sources.sort()
            target.isConnected = known.connected.contains(target.name)
            target.isRecorded = known.recorded.contains(target.name)
            target.maker = TargetMaker.of(target.name, alias: target.alias)
            return target
        }.sorted { $0.name < $1.name }
    }

    /// Of entries for one address, those that say less than another go.
    private static func merged(_ portals: [FoundTarget.Portal]) -> [FoundTarget.Portal] {
        guard portals.count > 1 else { return portals }
        return Set(portals).filter { portal in
            !portals.contains { other in
                other != portal && other.address == portal.address
                    && (portal.groupTag == nil || portal.groupTag == other.groupTag)
                    && (portal.interface == nil || portal.interface == other.interface)
            }
        }.sorted()
    }
}
