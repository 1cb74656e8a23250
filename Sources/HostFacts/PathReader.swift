import Identifiers
import Inventory

/// Completes the list of block devices by what needs all of them: device-mapper's status with the paths it names, and what storage systems say
/// of their paths (ALUA, ANA).
struct PathReader {
    let reader: FactReader
    let objects: TransportObjects

    func complete(_ devices: inout [Inventory.BlockDevice]) {
        let positions = NameIndex(devices.map { $0.name })
        accessStates(&devices, positions)
        names(&devices, positions)
        if devices.contains(where: { $0.name.hasPrefix("dm-") }) { maps(&devices, positions) }
        namespaces(&devices, positions)
    }

    // MARK: ALUA

    /// Asked of those alone that can have several paths: 4,000 local disks have none. Those of FC and iSCSI were asked when they were read.
    private func accessStates(_ devices: inout [Inventory.BlockDevice], _ positions: NameIndex) {
        var asked = Array(repeating: false, count: devices.count)
        var first = NameIndex()
        for index in devices.indices {
            if devices[index].kind == "multipath" {
                for path in devices[index].parents { if let position = positions[path] { asked[position] = true } }
            } else if devices[index].scsiAddress != nil, let wwid = devices[index].wwid?.description {
                if let other = first[wwid] { (asked[other], asked[index]) = (true, true) } else { first.insert(wwid, at: index) }
            }
        }
        for index in devices.indices where asked[index] && devices[index].scsiAddress != nil && devices[index].logicalUnit == nil {
            guard let number = devices[index].deviceNumber, let unit = reader.tree.directory("sys/dev/block/\(number)/device") else {
                continue
            }
            reader.trace?.subject = devices[index].name
            SCSIDeviceReader(reader: reader).readAccess(&devices[index], in: unit)
        }
    }

    // MARK: Device-mapper

    /// A map without an NAA of IEEE's in its UUID has the WWID that all its paths have: multipath's choice is another than the kernel's there.
    private func names(_ devices: inout [Inventory.BlockDevice], _ positions: NameIndex) {
        for index in devices.indices
        where devices[index].kind == "multipath" && devices[index].wwid.map({ !VitalProductData.isBest($0) }) ?? true {
            let paths = devices[index].parents.map { name in positions[name].flatMap { devices[$0].wwid } }
            guard let wwid = paths.first ?? nil, paths.allSatisfy({ $0 == wwid }), devices[index].wwid != wwid else { continue }
            devices[index].wwid = wwid
            reader.trace?.subject = devices[index].name
            reader.trace?.add("wwid", "sys/dev/block/\(devices[index].deviceNumber?.description ?? "")/slaves", "as all paths: \(wwid)")
        }
    }

    private func maps(_ devices: inout [Inventory.BlockDevice], _ positions: NameIndex) {
        reader.trace?.subject = "device-mapper"
        // Who may not ask misses the states of paths; where there are none, nothing is missed that anybody was waiting for.
        let statuses = reader.privileged?.maps ?? MapStatusReader(reader: reader).all(noting: devices.contains { $0.kind == "multipath" })
        let source = reader.tree.isLive ? MapStatusReader.controlPath : MapStatusReader.capturePath
        let byNumber = NumberIndex(statuses.map { $0.deviceNumber })
        let byName = NameIndex(statuses.map(\.name))
        let byDeviceNumber = NumberIndex(devices.map { $0.deviceNumber })
        for index in devices.indices where devices[index].name.hasPrefix("dm-") {
            reader.trace?.subject = devices[index].name
            let found = devices[index].deviceNumber.flatMap { byNumber[$0] } ?? devices[index].mapName.flatMap { byName[$0] }
            let targets = found.map { statuses[$0].targets } ?? []
            for target in targets { reader.trace?.add("targetType", source, "\(target.type) \(target.status)") }
            describe(&devices[index], targets)
            guard devices[index].kind == "multipath" else { continue }
            let status = targets.first { $0.type == "multipath" }.map { MultipathStatus($0.status) }
            if case .some(nil) = status { reader.note(source, "pathGroups", "malformed: the status of \(devices[index].name)") }
            if let status = status ?? nil {
                let count = status.groups.map(\.paths.count).reduce(0, +)
                reader.trace?.add("pathGroups", source, "\(status.groups.count) groups of \(count) paths")
                devices[index].pathGroups = status.groups.map { group in
                    Inventory.PathGroup(
                        state: Self.word(group.state),
                        paths: group.paths.map { path in
                            let position = byDeviceNumber[path.deviceNumber]
                            return self.path(
                                position.map { devices[$0] }, path.deviceNumber.description, path.isActive ? "active" : "failed")
                        })
                }
            } else if !devices[index].parents.isEmpty {
                let place = "sys/dev/block/\(devices[index].deviceNumber?.description ?? "")/slaves"
                reader.trace?.add("pathGroups", place, devices[index].parents.joined(separator: " "))
                let paths = devices[index].parents.map { name in self.path(positions[name].map { devices[$0] }, name, nil) }
                devices[index].pathGroups = [Inventory.PathGroup(paths: paths)]
            }
        }
    }

    private func describe(_ device: inout Inventory.BlockDevice, _ targets: [MapStatus.Target]) {
        var types: [String] = []
        for target in targets where !types.contains(target.type) { types.append(target.type) }
        if !types.isEmpty { device.targetType = types.joined(separator: ",") }
        if let target = targets.first { device.targetState = TargetState.text(type: target.type, status: target.status) }
    }

    private func path(_ device: Inventory.BlockDevice?, _ name: String, _ state: String?) -> Inventory.PathGroup.Path {
        Inventory.PathGroup.Path(
            device: device?.name ?? name, state: state, accessState: device?.accessState, preferred: device?.preferredPath)
    }

    private static func word(_ state: MultipathStatus.GroupState) -> String {
        switch state {
        case .active: "active"
        case .enabled: "enabled"
        case .disabled: "disabled"
        }
    }

    // MARK: NVMe

    /// The paths of a namespace, those of one ANA state together, in the order in which the kernel tries the states.
    private func namespaces(_ devices: inout [Inventory.BlockDevice], _ positions: NameIndex) {
        let order = ["optimized", "non-optimized"]
        for path in objects.nvmePaths {
            guard let position = positions[path.namespace] else { continue }
            reader.trace?.subject = path.namespace
            reader.trace?.add(
                "pathGroups", "sys/class/nvme/\(path.controller)/\(path.name)/ana_state", path.accessState ?? "absent")
            let told = Inventory.PathGroup.Path(
                device: path.name, state: objects.controller(path.controller)?.state, accessState: path.accessState,
                controller: path.controller)
            if let group = devices[position].pathGroups.firstIndex(where: { $0.paths[0].accessState == path.accessState }) {
                devices[position].pathGroups[group].paths.append(told)
            } else {
                devices[position].pathGroups.append(Inventory.PathGroup(paths: [told]))
            }
        }
        for index in devices.indices where devices[index].pathGroups.count > 1 && devices[index].transport == "nvme" {
            func rank(_ group: Inventory.PathGroup) -> Int { order.firstIndex(of: group.paths[0].accessState ?? "") ?? order.count }
            devices[index].pathGroups.sort { (rank($0), $0.paths[0].device) < (rank($1), $1.paths[0].device) }
        }
    }
}
