import ControllerAPI
import Identifiers
import Provider
import Store
import StrictJSON

extension Handlers {
    func addSystem(_ call: Call) async throws -> Answer {
        let document = try call.document(NewSystem.self)
        let interval: Duration =
            document.intervalSeconds.map { .seconds($0) } ?? .milliseconds(parts.configuration.discoveryIntervalMilliseconds)
        let system = try await parts.discovery.add(
            plugin: document.plugin, options: document.options, shown: Set(document.shownOptions ?? []), interval: interval, by: call.actor)
        return .document(try await store.read { try SystemDocument(system, in: $0) })
    }

    func listSystems(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.account()
        return .document(
            try await store.read { transaction in
                let page =
                    if let account { try transaction.storageSystems(usedBy: account, request) } else {
                        try transaction.storageSystems(request)
                    }
                return SystemList(systems: try page.elements.map { try SystemDocument($0, in: transaction) }, next: page.next)
            })
    }

    func showSystem(_ call: Call) async throws -> Answer {
        let id = try call.parameter("systemID", as: SystemID.self)
        return .document(try await store.read { try SystemDocument($0.existingSystem(id), in: $0) })
    }

    func refreshSystem(_ call: Call) async throws -> Answer {
        let id = try call.parameter("systemID", as: SystemID.self)
        let system = try await parts.discovery.refresh(id)
        return .document(try await store.read { try SystemDocument(system, in: $0) })
    }

    func removeSystem(_ call: Call) async throws -> Answer {
        let id = try call.parameter("systemID", as: SystemID.self)
        if try call.dryRun() { return .document(try await store.read { try SystemDocument($0.existingSystem(id), in: $0) }) }
        let system = try await parts.discovery.remove(id, by: call.actor)
        return .document(try await store.read { try SystemDocument(system, in: $0) })
    }

    func listVolumes(_ call: Call) async throws -> Answer {
        let (request, system, account) = (try call.page(), try call.system(), try call.account())
        let page = try await store.read { try $0.volumes(system: system, account: account, request) }
        return .document(VolumeList(volumes: page.elements.map(VolumeDocument.init), next: page.next))
    }

    func showVolume(_ call: Call) async throws -> Answer {
        let system = try call.parameter("systemID", as: SystemID.self)
        let text = try call.text("volumeID")
        guard let volume = VolumeID(text) else { throw RequestError.notFound(what: "volume", id: text) }
        return .document(
            try await store.read { transaction in
                _ = try transaction.existingSystem(system)
                guard let record = try transaction.volume(system, volume) else {
                    throw StorageSystemError.unknownVolume(system, volume)
                }
                return VolumeDocument(record)
            })
    }

    func listPorts(_ call: Call) async throws -> Answer {
        let (request, system, account) = (try call.page(), try call.system(), try call.account())
        let page = try await store.read { try $0.ports(system: system, account: account, request) }
        return .document(PortList(ports: page.elements.map(PortDocument.init), next: page.next))
    }

    func listMasking(_ call: Call) async throws -> Answer {
        let (request, system, account) = (try call.page(), try call.system(), try call.account())
        let page = try await store.read { try $0.masking(system: system, account: account, request) }
        return .document(MaskingList(masking: page.elements.map(MaskingDocument.init), next: page.next))
    }

    func listHistory(_ call: Call) async throws -> Answer {
        let (request, system, account) = (try call.page(), try call.system(), try call.account())
        let page = try await store.read { try $0.storageHistory(system: system, account: account, request) }
        return .document(HistoryList(history: page.elements.map(HistoryDocument.init), next: page.next))
    }
}

extension Call {
    fileprivate func system() throws -> SystemID? { try optionalQuery("system") }
}

extension ReadTransaction {
    func existingSystem(_ id: SystemID) throws -> StorageSystem {
        guard let system = try storageSystem(id) else { throw StorageSystemError.unknown(id) }
        return system
    }
}

extension SystemDocument {
    init(_ system: StorageSystem, in transaction: ReadTransaction) throws {
        let state: SystemStateName
        var unreachableSince: Timestamp?
        var problem: String?
        var removedAt: Timestamp?
        switch system.state {
        case .active: state = .active
        case .unreachable(let since, let reason):
            state = .unreachable
            unreachableSince = since
            problem = reason
        case .removed(let at):
            state = .removed
            removedAt = at
        }
        let identity = system.identity
        self.init(
            systemID: system.systemID, plugin: system.plugin, name: identity.name, vendor: identity.vendor, model: identity.model,
            serialNumber: identity.serialNumber, firmware: identity.firmware, health: identity.health, capabilities: identity.capabilities,
            options: try transaction.storageSystemOptions(system.systemID, includingSecrets: false),
            intervalSeconds: system.interval.components.seconds, state: state, addedAt: system.addedAt,
            lastDiscoveryAt: system.lastDiscoveryAt, unreachableSince: unreachableSince, problem: problem, removedAt: removedAt,
            disbelieved: try transaction.storageSystemProblems(system.systemID).map {
                DisbelievedDocument(
                    object: $0.problem.object.rawValue, objectID: $0.problem.objectID, reason: $0.problem.reason, since: $0.since)
            })
    }
}

extension VolumeDocument {
    init(_ record: VolumeRecord) {
        let volume = record.volume
        self.init(
            systemID: record.systemID, volumeID: volume.volumeID.text, name: volume.name, sizeBytes: volume.sizeBytes,
            allocatedBytes: volume.allocatedBytes, poolID: volume.poolID?.text, wwid: volume.wwid.description, health: volume.health,
            replicaOf: volume.replicaOf?.text, replicaState: volume.replicaState, firstSeenAt: record.firstSeenAt, goneAt: record.goneAt)
    }
}

extension PortDocument {
    init(_ record: PortRecord) {
        let port = record.port
        self.init(
            systemID: record.systemID, portID: port.portID.text, transport: TransportName(port.transport),
            wwpn: port.wwpn?.description, iqn: port.iqn?.description, nqn: port.nqn?.description,
            portals: port.portals.isEmpty ? nil : port.portals, portalGroupTag: port.portalGroupTag,
            speedBitsPerSecond: port.speedBitsPerSecond, state: port.state, authentication: port.authentication)
    }
}

extension MaskingDocument {
    init(_ record: MaskingRecord) {
        let entry = record.entry
        self.init(
            systemID: record.systemID, volumeID: entry.volumeID.text, initiator: entry.initiator.description, lun: entry.lun,
            portIDs: entry.portIDs.map(\.text), access: entry.access, since: record.since)
    }
}

extension HistoryDocument {
    init(_ record: HistoryRecord) {
        let change: ChangeKind =
            switch record.event.change {
            case .appeared: .appeared
            case .changed: .changed
            case .went: .went
            }
        self.init(
            sequence: record.sequence, at: record.at, systemID: record.systemID, object: record.event.object.rawValue,
            objectID: record.event.objectID, change: change, before: record.event.change.before.map { .object($0) },
            after: record.event.change.after.map { .object($0) })
    }
}
