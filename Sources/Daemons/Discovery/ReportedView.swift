import Identifiers
import PluginProtocol
import Provider
import StrictJSON

/// What a plug-in said of its system in one look: nothing of it is believed yet.
struct ReportedView: Sendable {
    let snapshot: StorageSnapshot
    /// Entries that are not as the protocol says.
    let malformed: [SystemProblem]

    /// Asks for everything that the system can tell, several questions under way at a time. Lists that it does not offer stay as in `previous`.
    init(client: PluginClient, identity: PluginSystem, previous: StorageSnapshot) async throws(PluginCallError) {
        let offered = identity.capabilities
        async let pools = Self.list(offered.lists(.poolList)) { () throws(PluginCallError) in try await client.pools() }
        async let disks = Self.list(offered.lists(.diskList)) { () throws(PluginCallError) in try await client.disks() }
        async let ports = Self.list(offered.lists(.portList)) { () throws(PluginCallError) in try await client.ports() }
        async let volumes = Self.list(offered.lists(.volumeList)) { () throws(PluginCallError) in try await client.volumes() }
        async let masking = Self.list(offered.lists(.maskingList)) { () throws(PluginCallError) in try await client.masking() }
        async let sessions = Self.list(offered.lists(.sessionList)) { () throws(PluginCallError) in try await client.sessions() }
        var problems: [SystemProblem] = []
        func believe<Entry, Object: SnapshotObject>(
            _ list: Result<PluginList<Entry>?, PluginCallError>, _ previous: [Object], _ convert: (Entry) -> Object
        ) throws(PluginCallError) -> [Object] {
            guard let list = try list.get() else { return previous }
            for entry in list.malformed { problems.append(SystemProblem(Object.kind, entry.id, entry.text)) }
            return list.entries.map(convert)
        }
        snapshot = StorageSnapshot(
            identity: StorageSystemIdentity(identity),
            pools: try believe(await pools, previous.pools, StoragePool.init),
            disks: try believe(await disks, previous.disks, StorageDisk.init),
            ports: try believe(await ports, previous.ports, StoragePort.init),
            volumes: try believe(await volumes, previous.volumes, Volume.init),
            masking: try believe(await masking, previous.masking, MaskingEntry.init),
            sessions: try believe(await sessions, previous.sessions, StorageSession.init))
        malformed = problems
    }

    private static func list<Entry: Sendable>(
        _ isOffered: Bool, _ ask: @Sendable () async throws(PluginCallError) -> PluginList<Entry>
    ) async -> Result<PluginList<Entry>?, PluginCallError> {
        guard isOffered else { return .success(nil) }
        do throws(PluginCallError) { return .success(try await ask()) } catch { return .failure(error) }
    }
}

extension StorageSystemIdentity {
    init(_ system: PluginSystem) {
        self.init(
            reportedID: system.systemID, name: system.name, vendor: system.vendor, model: system.model, serialNumber: system.serialNumber,
            firmware: system.firmware, health: system.health, capabilities: system.capabilities.words)
    }
}

extension StoragePool {
    fileprivate init(_ pool: PluginPool) {
        self.init(
            poolID: pool.poolID, name: pool.name, totalBytes: pool.totalBytes, freeBytes: pool.freeBytes, raid: pool.raid, tier: pool.tier,
            health: pool.health)
    }
}

extension StorageDisk {
    fileprivate init(_ disk: PluginDisk) {
        self.init(
            diskID: disk.diskID, name: disk.name, sizeBytes: disk.sizeBytes, poolID: disk.poolID, diskKind: disk.kind, role: disk.role,
            health: disk.health)
    }
}

extension StoragePort {
    fileprivate init(_ port: PluginPort) {
        let transport: Transport =
            switch port.transport {
            case .fc: .fc
            case .iscsi: .iscsi
            case .nvme: .nvme
            }
        self.init(
            portID: port.portID, transport: transport, wwpn: port.wwpn, iqn: port.iqn, nqn: port.nqn, portals: port.portals,
            portalGroupTag: port.portalGroupTag, speedBitsPerSecond: port.speedBitsPerSecond, state: port.state,
            authentication: port.authentication)
    }
}

extension Volume {
    fileprivate init(_ volume: PluginVolume) {
        self.init(
            volumeID: volume.volumeID, name: volume.name, sizeBytes: volume.sizeBytes, allocatedBytes: volume.allocatedBytes,
            poolID: volume.poolID, wwid: volume.wwid, health: volume.health, replicaOf: volume.replicaOf, replicaState: volume.replicaState)
    }
}

extension MaskingEntry {
    fileprivate init(_ entry: PluginMasking) {
        self.init(
            volumeID: entry.volumeID, initiator: entry.initiator, lun: entry.lun, portIDs: entry.portIDs,
            isReadOnly: entry.access == .readOnly)
    }
}

extension StorageSession {
    fileprivate init(_ session: PluginSession) {
        self.init(initiator: session.initiator, portID: session.portID, address: session.address, since: session.since)
    }
}
