import Identifiers
import PluginProtocol

/// A listing of tgt's turned into the protocol's objects.
///
/// A target is a port. Logical units with one backing store and one name are one volume, whatever targets show it; it is called after the
/// first of them. Access by address is no initiator's name: such entries mask nothing that could be named, and only sessions show who came in.
struct TgtView: Sendable {
    struct Exported: Sendable {
        let volume: PluginVolume
        let units: [(target: TargetListing.Target, unit: TargetListing.Unit)]
    }

    let listing: TargetListing
    let volumes: [Exported]

    /// - Parameters:
    ///   - directory: of the pool; volumes whose files lie below it belong to it.
    ///   - look: what lies behind a path; nil where that cannot be seen.
    init(_ listing: TargetListing, directory: String?, look: (String) -> BackingStore?) throws(PluginFault) {
        self.listing = listing
        var order: [String] = []
        var groups: [String: [(target: TargetListing.Target, unit: TargetListing.Unit)]] = [:]
        for target in listing.targets {
            for unit in target.units where unit.type == "disk" {
                // Without a path each is a volume of its own.
                let key = "\(LogicalUnitName.wwid(scsiID: unit.scsiID)) \(unit.path ?? "\(target.name)/\(unit.number)")"
                if groups[key] == nil { order.append(key) }
                groups[key, default: []].append((target, unit))
            }
        }
        var volumes: [Exported] = []
        for key in order {
            guard let units = groups[key],
                let first = units.min(by: { ($0.target.name, $0.unit.number) < ($1.target.name, $1.unit.number) })
            else {
                continue
            }
            volumes.append(Exported(volume: try Self.volume(first.target, first.unit, directory, look), units: units))
        }
        self.volumes = volumes
    }

    private static func volume(
        _ target: TargetListing.Target, _ unit: TargetListing.Unit, _ directory: String?, _ look: (String) -> BackingStore?
    ) throws(PluginFault) -> PluginVolume {
        guard let volumeID = VolumeID("\(target.name)/\(unit.number)"), let wwid = WWID(LogicalUnitName.wwid(scsiID: unit.scsiID)),
            let megabytes = unit.megabytes, (0...9_000_000_000_000).contains(megabytes)
        else { throw PluginFault(.internal, "logical unit \(unit.number) of target \(target.name) has no usable name or size") }
        let store = unit.path.flatMap(look)
        var volume = PluginVolume(
            volumeID: volumeID, name: name(of: unit) ?? volumeID.text, sizeBytes: megabytes * 1_000_000, wwid: wwid,
            health: unit.isOnline ? "ok" : "offline")
        if let store {
            // Of a store that grew since, initiators still see the old size, which tgt tells in millions only.
            if store.agrees(withMegabytes: megabytes) { volume.sizeBytes = store.sizeBytes } else { volume.health = "size-not-current" }
            volume.allocatedBytes = store.allocatedBytes
        }
        if let directory, let path = unit.path, path.hasPrefix(directory == "/" ? "/" : directory + "/") {
            volume.poolID = StoragePoolID(directory)
        }
        return volume
    }

    private static func name(of unit: TargetListing.Unit) -> String? {
        unit.path.flatMap { path in path.split(separator: "/").last.map(String.init) }
    }

    func ports(_ portals: [(portal: String, tag: Int64)]) throws(PluginFault) -> [PluginPort] {
        let tags = Set(portals.map(\.tag))
        var ports: [PluginPort] = []
        for target in listing.targets {
            let portID = try Self.portID(target)
            guard let iqn = ISCSIName(target.name) else { throw PluginFault(.internal, "target \(target.name) has no iSCSI name") }
            let authentication: String =
                switch (target.accounts.contains { !$0.isOutgoing }, target.accounts.contains(where: \.isOutgoing)) {
                case (true, true): "mutual-chap"
                case (true, false): "chap"
                case (false, _): "none"
                }
            ports.append(
                PluginPort(
                    portID: portID, transport: .iscsi, iqn: iqn, portals: portals.map(\.portal).filter { PluginPort.isPortal($0) },
                    portalGroupTag: tags.count == 1 ? tags.first : nil, state: target.state == "ready" ? "online" : target.state,
                    authentication: authentication))
        }
        return ports
    }

    func masking() throws(PluginFault) -> [PluginMasking] {
        var entries: [PluginMasking] = []
        for exported in volumes {
            // Targets that show one volume to one initiator under one number are one entry with several ports.
            var places: [Seen: Int] = [:]
            for (target, unit) in exported.units {
                let portID = try Self.portID(target)
                for initiator in Self.initiators(target.accessControl) {
                    let seen = Seen(initiator: initiator, lun: unit.number, access: unit.isReadOnly ? .readOnly : .readWrite)
                    if let place = places[seen] {
                        entries[place].portIDs.append(portID)
                    } else {
                        places[seen] = entries.count
                        entries.append(
                            PluginMasking(
                                volumeID: exported.volume.volumeID, initiator: initiator, lun: seen.lun, portIDs: [portID],
                                access: seen.access))
                    }
                }
            }
        }
        return entries
    }

    private struct Seen: Hashable {
        let initiator: MaskedInitiator
        let lun: Int64
        let access: MaskingAccess
    }

    func sessions() throws(PluginFault) -> [PluginSession] {
        var sessions: [PluginSession] = []
        for target in listing.targets {
            let portID = try Self.portID(target)
            for nexus in target.nexuses {
                // A name that is none of iSCSI's could log in, and stands for nobody.
                guard let initiator = InitiatorName(nexus.initiator), initiator.transport == .iscsi else { continue }
                for address in nexus.addresses.isEmpty ? [nil] : nexus.addresses.map(Optional.some) {
                    let session = PluginSession(initiator: initiator, portID: portID, address: address)
                    if !sessions.contains(session) { sessions.append(session) }
                }
            }
        }
        return sessions
    }

    /// Whom an access-control list names. tgt compares names as they are written, and initiators send theirs in lower case.
    static func initiators(_ accessControl: [String]) -> [MaskedInitiator] {
        var result: [MaskedInitiator] = []
        for entry in accessControl {
            let initiator: MaskedInitiator? = entry == "ALL" ? .anybody : ISCSIName(entry).map { .named(.iqn($0)) }
            if let initiator, !result.contains(initiator) { result.append(initiator) }
        }
        return result
    }

    private static func portID(_ target: TargetListing.Target) throws(PluginFault) -> PortID {
        guard let portID = PortID(target.name) else { throw PluginFault(.internal, "target \(target.number) has no usable name") }
        return portID
    }
}
