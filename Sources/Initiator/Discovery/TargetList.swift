import ISCSI
import Identifiers

/// One list out of what many portals and servers said: each target once, with everything that was said of it.
package struct TargetList: Sendable {
    private var targets: [FoundTarget] = []
    /// Where each of the first `indexed` stands. The rest is looked at when a target is looked up, which the list of a single portal never needs.
    private var places: [ISCSIName: Int] = [:]
    private var indexed = 0
    /// Beside the portals of a target that was named several times.
    private var seen: [Int: Set<FoundTarget.Portal>] = [:]
    /// Of targets and portals together.
    let limit: Int
    private var entries = 0

    /// `limit` is of targets and their portals together, whoever names them.
    package init(limit: Int = 1 << 20) { self.limit = limit }

    package var count: Int { targets.count }

    /// Of a target that a portal listed, which was reached at `reached` by `interface`; both nil of one that an iSNS server named.
    /// False where the list is full, and something of it was left out.
    @discardableResult package mutating func add(
        _ target: DiscoveredTarget, from source: FoundTarget.Source, reached: PortalAddress? = nil, interface: String? = nil
    ) -> Bool {
        add(contentsOf: [target], from: source, reached: reached, interface: interface)
    }

    /// Of what one of them named, each once.
    @discardableResult package mutating func add(
        contentsOf found: [DiscoveredTarget], from source: FoundTarget.Source, reached: PortalAddress? = nil, interface: String? = nil
    ) -> Bool {
        let isFirst = targets.isEmpty
        var isWhole = true
        if isFirst { targets.reserveCapacity(found.count) }
        // Mostly they are all at one portal, which is kept once.
        var (said, portals): ([TargetPortal]?, [FoundTarget.Portal]) = (nil, [])
        for target in found {
            if said != target.portals {
                (said, portals) = (target.portals, Self.portals(of: target, reached: reached, interface: interface))
            }
            guard entries + 1 + portals.count <= limit else {
                isWhole = false
                continue
            }
            guard !isFirst, let place = place(of: target.name) else {
                entries += 1 + portals.count
                targets.append(
                    FoundTarget(name: target.name, spelling: target.spelling, alias: target.alias, portals: portals, sources: [source]))
                continue
            }
            if !targets[place].sources.contains(source) { targets[place].sources.append(source) }
            targets[place].alias = targets[place].alias ?? target.alias
            for portal in portals where targets[place].portals.appendNew(portal, seen: &seen[place, default: []]) { entries += 1 }
        }
        return isWhole
    }

    private static func portals(of target: DiscoveredTarget, reached: PortalAddress?, interface: String?) -> [FoundTarget.Portal] {
        // A portal that names no address means itself (RFC 7143 appendix C).
        if target.portals.isEmpty { return reached.map { [FoundTarget.Portal(address: $0, interface: interface)] } ?? [] }
        var portals: [FoundTarget.Portal] = []
        var seen: Set<FoundTarget.Portal> = []
        for portal in target.portals {
            let found = FoundTarget.Portal(
                address: portal.address, groupTag: portal.groupTag, interface: portal.address == reached ? interface : nil)
            _ = portals.appendNew(found, seen: &seen)
        }
        return portals
    }

    private mutating func place(of name: ISCSIName) -> Int? {
        if indexed < targets.count {
            places.reserveCapacity(targets.count)
            for place in indexed..<targets.count { places[targets[place].name] = place }
            indexed = targets.count
        }
        return places[name]
    }

    /// What the security stage of a login told.
    package mutating func learn(
        _ name: ISCSIName, _ answer: SecurityProbe.Answer, reached: PortalAddress, interface: String?
    ) {
        guard let place = place(of: name) else { return }
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
            seen[place] = nil
        }
    }

    /// All, by name, with what this host knows of them.
    package func sorted(known: KnownTargets) -> [FoundTarget] {
        var sorted: [FoundTarget] = []
        sorted.reserveCapacity(targets.count)
        for place in order() {
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

    /// By name. Names of one system begin alike: what follows decides, of which eight bytes are compared as a number.
    private func order() -> [Int] {
        guard let first = targets.first?.name.description else { return [] }
        let common = targets.reduce(first.utf8.count) { Self.commonBytes(first, $1.name.description, limit: $0) }
        var keys = targets.indices.map { place in
            let bytes = targets[place].name.description.utf8.dropFirst(common).prefix(8)
            return (bytes: bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - bytes.count)), place: place)
        }
        keys.sort { $0.bytes == $1.bytes ? targets[$0.place].name < targets[$1.place].name : $0.bytes < $1.bytes }
        return keys.map(\.place)
    }

    /// How many bytes two texts begin with alike, at most `limit`.
    private static func commonBytes(_ left: String, _ right: String, limit: Int) -> Int {
        let count = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                let end = min(left.count, right.count, limit)
                var place = 0
                while place < end, left[place] == right[place] { place += 1 }
                return place
            }
        }
        return (count ?? 0) ?? 0
    }

    /// Of entries for one address, those that say less than another go.
    private static func merged(_ portals: [FoundTarget.Portal]) -> [FoundTarget.Portal] {
        guard portals.count > 1 else { return portals }
        var lesser: Set<FoundTarget.Portal> = []
        for portal in portals {
            let (tag, interface) = (portal.groupTag, portal.interface)
            if tag != nil || interface != nil { lesser.insert(FoundTarget.Portal(address: portal.address)) }
            if tag != nil, interface != nil {
                lesser.insert(FoundTarget.Portal(address: portal.address, groupTag: tag))
                lesser.insert(FoundTarget.Portal(address: portal.address, interface: interface))
            }
        }
        return Set(portals).subtracting(lesser).sorted()
    }
}
