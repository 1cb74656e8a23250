import Identifiers
import PluginProtocol
import StrictJSON

/// What each write does to the simulated system. Where one throws, the caller throws the whole state away.
extension SimulatorState {
    /// The result, as on the wire; of masking and ports, the object alone.
    mutating func perform(_ method: PluginMethod, _ parameters: JSONValue) throws(PluginFault) -> JSONValue {
        switch method {
        case .volumeCreate: try json(create(request(parameters)))
        case .volumeResize: try json(resize(request(parameters)))
        case .volumeDelete: try json(delete(request(parameters)))
        case .maskingAdd: try json(mask(request(parameters)))
        case .maskingRemove: try json(unmask(request(parameters)))
        case .replicaCreate: try json(createReplica(request(parameters)))
        case .replicaSplit: try json(changeReplica(request(parameters), from: ["synchronised", "copying"], to: "split"))
        case .replicaRestore: try json(changeReplica(request(parameters), from: ["split"], to: "synchronised"))
        case .replicaDelete: try json(deleteReplica(request(parameters)))
        case .authenticationSet: try json(authenticate(request(parameters)))
        case .portConfigure: try json(configure(request(parameters)))
        default: throw .unlisted(method.rawValue)
        }
    }

    // MARK: Volumes

    private mutating func create(_ request: VolumeCreation) throws(PluginFault) -> PluginOutcome {
        try checkSize(request.sizeBytes)
        if let most = system.capabilities.limit(PluginCapabilities.LimitName.maximumVolumes), Int64(volumes.count) >= most {
            throw PluginFault(.noSpace, "there are \(most) volumes already, as many as can be")
        }
        let poolID = try take(request.sizeBytes, from: request.poolID)
        return .volume(try add(name: request.name, sizeBytes: request.sizeBytes, poolID: poolID, replicaOf: nil))
    }

    private mutating func add(
        name: String, sizeBytes: Int64, poolID: StoragePoolID?, replicaOf source: VolumeID?
    ) throws(PluginFault) -> PluginVolume {
        var number = takeNumber()
        while volumes.contains(where: { $0.volumeID.text == "volume-\(number)" }) { number = takeNumber() }
        guard let volumeID = VolumeID("volume-\(number)"), let wwid = WWID(wwid(of: number)) else {
            throw PluginFault(.internal, "no ID can be made")
        }
        let volume = PluginVolume(
            volumeID: volumeID, name: name, sizeBytes: sizeBytes, poolID: poolID, wwid: wwid, replicaOf: source,
            replicaState: source == nil ? nil : "synchronised")
        volumes.append(volume)
        return volume
    }

    private mutating func resize(_ request: VolumeResize) throws(PluginFault) -> PluginOutcome {
        let index = try place(of: request.volumeID)
        try checkSize(request.sizeBytes)
        let growth = request.sizeBytes - volumes[index].sizeBytes
        if growth < 0, !request.allowShrink {
            throw .invalid("sizeBytes", "is less than the volume's \(volumes[index].sizeBytes), and allowShrink is not given")
        }
        if let poolID = volumes[index].poolID, pools.contains(where: { $0.poolID == poolID }) { _ = try take(growth, from: poolID) }
        volumes[index].sizeBytes = request.sizeBytes
        return .volume(volumes[index])
    }

    private mutating func delete(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        let index = try place(of: request.volumeID)
        let volume = volumes[index]
        if let entry = masking.first(where: { $0.volumeID == volume.volumeID }) {
            throw PluginFault(.inUse, "volume \(volume.volumeID) is masked to \(entry.initiator); remove that first")
        }
        if let replica = volumes.first(where: { $0.replicaOf == volume.volumeID }) {
            throw PluginFault(.inUse, "volume \(volume.volumeID) has the replica \(replica.volumeID); delete that first")
        }
        if let poolID = volume.poolID, pools.contains(where: { $0.poolID == poolID }) { _ = try take(-volume.sizeBytes, from: poolID) }
        volumes.remove(at: index)
        return .done
    }

    private mutating func createReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        let source = volumes[try place(of: request.volumeID)]
        let poolID = try take(source.sizeBytes, from: source.poolID)
        let name = request.name ?? "\(source.name)-replica"
        return .volume(try add(name: name, sizeBytes: source.sizeBytes, poolID: poolID, replicaOf: source.volumeID))
    }

    private mutating func changeReplica(_ request: VolumeChange, from: Set<String>, to state: String) throws(PluginFault) -> PluginOutcome {
        let index = try place(of: request.volumeID)
        guard volumes[index].replicaOf != nil else { throw .invalid("volumeID", "names a volume that is no replica") }
        guard from.contains(volumes[index].replicaState ?? "") else {
            throw PluginFault(.conflict, "replica \(request.volumeID) is \(volumes[index].replicaState ?? "in no known state")")
        }
        volumes[index].replicaState = state
        return .volume(volumes[index])
    }

    private mutating func deleteReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        guard volumes[try place(of: request.volumeID)].replicaOf != nil else {
            throw .invalid("volumeID", "names a volume that is no replica")
        }
        return try delete(request)
    }

    // MARK: Masking, authentication, ports

    private mutating func mask(_ request: MaskingChange) throws(PluginFault) -> PluginMasking {
        _ = try place(of: request.volumeID)
        if let unknown = request.portIDs.first(where: { id in !ports.contains { $0.portID == id } }) {
            throw PluginFault(.notFound, "there is no port \(unknown)", field: "portIDs")
        }
        let portIDs = request.portIDs.isEmpty ? ports.map(\.portID) : request.portIDs
        if masking.contains(where: { $0.volumeID == request.volumeID && $0.initiator == request.initiator }) {
            throw PluginFault(.exists, "volume \(request.volumeID) is masked to \(request.initiator) already")
        }
        let most = system.capabilities.limit(PluginCapabilities.LimitName.maximumLUN) ?? PluginMasking.luns.upperBound
        let used = Set(masking.filter { $0.initiator == request.initiator && !Set($0.portIDs).isDisjoint(with: portIDs) }.map(\.lun))
        let lun: Int64
        if let wanted = request.lun {
            guard wanted <= most else { throw .invalid("lun", "is more than \(most)") }
            guard !used.contains(wanted) else {
                throw PluginFault(.conflict, "initiator \(request.initiator) has logical unit \(wanted) already", field: "lun")
            }
            lun = wanted
        } else {
            guard let free = (min(1, most)...most).first(where: { !used.contains($0) }) else {
                throw PluginFault(.noSpace, "initiator \(request.initiator) has all logical units up to \(most)")
            }
            lun = free
        }
        let entry = PluginMasking(
            volumeID: request.volumeID, initiator: request.initiator, lun: lun, portIDs: portIDs, access: request.access ?? .readWrite)
        masking.append(entry)
        return entry
    }

    private mutating func unmask(_ request: MaskingChange) throws(PluginFault) -> PluginMasking {
        let index = masking.firstIndex {
            $0.volumeID == request.volumeID && $0.initiator == request.initiator && (request.lun == nil || request.lun == $0.lun)
        }
        guard let index else { throw PluginFault(.notFound, "volume \(request.volumeID) is not masked to \(request.initiator) so") }
        return masking.remove(at: index)
    }

    private mutating func authenticate(_ request: AuthenticationChange) throws(PluginFault) -> PluginOutcome {
        userNames.removeAll { $0.initiator == request.initiator.description }
        userNames.append((request.initiator.description, request.userName))
        return .done
    }

    private mutating func configure(_ request: PortChange) throws(PluginFault) -> PluginPort {
        guard let index = ports.firstIndex(where: { $0.portID == request.portID }) else {
            throw PluginFault(.notFound, "there is no port \(request.portID)", field: "portID")
        }
        if let portals = request.portals { ports[index].portals = portals }
        if let tag = request.portalGroupTag { ports[index].portalGroupTag = tag }
        return ports[index]
    }

    // MARK: Parts

    private func place(of volumeID: VolumeID) throws(PluginFault) -> Int {
        guard let index = volumes.firstIndex(where: { $0.volumeID == volumeID }) else {
            throw PluginFault(.notFound, "there is no volume \(volumeID)", field: "volumeID")
        }
        return index
    }

    private func checkSize(_ bytes: Int64) throws(PluginFault) {
        let limits = system.capabilities
        if let most = limits.limit(PluginCapabilities.LimitName.maximumSize), bytes > most {
            throw .invalid("sizeBytes", "is more than \(most), the largest volume there can be")
        }
        if let multiple = limits.limit(PluginCapabilities.LimitName.sizeMultiple), multiple > 0, bytes % multiple != 0 {
            throw .invalid("sizeBytes", "is no multiple of \(multiple)")
        }
    }

    /// Takes room from a pool (gives back where negative): the one named, or the first that has it; nil where there are no pools.
    private mutating func take(_ bytes: Int64, from poolID: StoragePoolID?) throws(PluginFault) -> StoragePoolID? {
        if let poolID, !pools.contains(where: { $0.poolID == poolID }) {
            throw PluginFault(.notFound, "there is no pool \(poolID)", field: "poolID")
        }
        guard !pools.isEmpty else { return nil }
        guard let index = pools.firstIndex(where: { (poolID == nil || $0.poolID == poolID) && $0.freeBytes >= bytes }) else {
            throw PluginFault(.noSpace, "\(poolID.map { "pool \($0)" } ?? "no pool") has \(bytes) bytes free")
        }
        pools[index].freeBytes = min(pools[index].freeBytes - bytes, pools[index].totalBytes)
        return pools[index].poolID
    }

    /// `naa.6` (IEEE Registered Extended) with a hash of the system's serial number and the volume's number.
    private func wwid(of number: Int64) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in system.serialNumber.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        func hexadecimal(_ value: UInt64, _ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits.suffix(width)
        }
        return "naa.6" + hexadecimal(hash >> 4, 15) + hexadecimal(UInt64(number), 16)
    }

    private func request<Request: JSONReadable>(_ parameters: JSONValue) throws(PluginFault) -> Request {
        do throws(JSONError) { return try Request(json: JSONFields(parameters)) } catch { throw PluginFault(parameters: error) }
    }

    private func json(_ value: some JSONWritable) throws(PluginFault) -> JSONValue {
        do throws(JSONError) { return try JSONValue.parse(value.jsonBytes) } catch { throw PluginFault(.internal, "\(error)") }
    }
}
