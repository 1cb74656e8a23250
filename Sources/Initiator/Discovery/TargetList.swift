import ISCSI
import Identifiers

/// One list out of what many portals and servers said: each target once, with everything that was said of it.
package struct TargetList: Sendable {
    private var targets: [FoundTarget] = []
    /// Where each stands.
    private var places: [ISCSIName: Int] = [:]

    package init() {}

    package var count: Int { targets.count }
    package func contains(_ name: ISCSIName) -> Bool { places[name] != nil }

    /// Of a target that a portal listed, which was reached at `reached` by `interface`; both nil of one that an iSNS server named.
    package mutating func add(
        _ target: DiscoveredTarget, from source: FoundTarget.Source, reached: PortalAddress? = nil, interface: String? = nil
    ) {
        let place = place(of: target)
        if !targets[place].sources.contains(source) { targets[place].sources.append(source) }
        targets[place].alias = targets[place].alias ?? target.alias
        // A portal that names no address means itself (RFC 7143 appendix C).
        if target.portals.isEmpty, let reached { add(FoundTarget.Portal(address: reached, interface: interface), at: place) }
        for portal in target.portals {
            let isReached = portal.address == reached
            add(
                FoundTarget.Portal(address: portal.address, groupTag: portal.groupTag, interface: isReached ? interface : nil), at: place)
        }
    }

    private mutating func place(of target: DiscoveredTarget) -> Int {
        if let place = places[target.name] { return place }
        places[target.name] = targets.count
        targets.append(FoundTarget(name: target.name, spelling: target.spelling))
        return targets.count - 1
    }

    private mutating func add(_ portal: FoundTarget.Portal, at place: Int) {
        if !targets[place].portals.contains(portal) { targets[place].portals.append(portal) }
    }

    /// What the security stage of a login told.
    package mutating func learn(
        _ name: ISCSIName, _ answer: SecurityProbe.Answer, reached: PortalAddress, interface: String?
    ) {
        guard let place = places[name] else { return }
        switch answer.authentication {
        case .none: targets[place].authentication = .none
        case .chap: targets[place].authentication = .chap
        case .other: targets[place].authentication = .unknown
        }
        targets[place].alias = targets[place].alias ?? answer.alias
        for index in targets[place].portals.indices where targets[place].portals[index].address == reached {
            let portal = targets[place].portals[index]
            targets[place].portals[index].groupTag = portal.groupTag ?? answer.groupTag
            targets[place].portals[index].interface = portal.interface ?? interface
        }
    }

    /// All, by name, with what this host knows of them.
    package func sorted(known: KnownTargets) -> [FoundTarget] {
        var sorted: [FoundTarget] = []
        sorted.reserveCapacity(targets.count)
        for (_, place) in (places.map { (name: $0.key, place: $0.value) }.sorted { $0.name < $1.name }) {
            var target = targets[place]
            target.portals = Self.merged(target.portals)
            if target.sources.count > 1 { target.sources.sort() }
            target.isConnected = known.connected.contains(target.name)
            target.isRecorded = known.recorded.contains(target.name)
            target.maker = TargetMaker.of(target.name, alias: target.alias)
            sorted.append(target)
        }
        return sorted
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
