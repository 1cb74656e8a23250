extension Inventory {
    /// These facts as every reader of the format takes them: a text that is longer than its field may be is left out, and so is an entry
    /// whose name is; both stand under `problems`. Names on a host may be anybody's, a mount point with FUSE those of any user.
    package consuming func withinBounds() -> Inventory {
        var result = self
        var bounds = Bounds()
        bounds.limit(&result.host)
        bounds.limit(&result.initiators) { bounds, initiator in bounds.limit(&initiator) }
        bounds.limit(&result.remotePorts) { bounds, port in bounds.limit(&port) }
        bounds.limit(&result.sessions) { bounds, session in bounds.limit(&session) }
        bounds.limit(&result.controllers) { bounds, controller in bounds.limit(&controller) }
        bounds.limit(&result.blockDevices) { bounds, device in bounds.limit(&device) }
        bounds.limit(&result.fileSystems) { bounds, fileSystem in bounds.limit(&fileSystem) }
        bounds.limit(&result.applications) { bounds, application in
            bounds.limit(&application.directories)
            return bounds.fits(application.name, 255, "applications", at: application.evidence)
                && bounds.fits(application.evidence, 1024, "applications", at: application.evidence)
                && bounds.limit(&application.version, 255, "version", at: application.evidence)
        }
        if !bounds.problems.isEmpty { result.problems = (result.problems + bounds.problems).sortedByKey() }
        if result.problems.count > Self.maximumProblems { result.problems = Array(result.problems.prefix(Self.maximumProblems)) }
        return result
    }

    /// More than anybody looks at; a host whose every device has several stays below the limit of a message.
    package static let maximumProblems = 20_000
}

/// The lengths, in bytes of UTF-8, that the readers of an inventory take, applied by its writer.
struct Bounds {
    var problems: [Inventory.Problem] = []

    /// False where `text` is too long, which is noted.
    mutating func fits(_ text: String, _ limit: Int, _ field: String, at path: String) -> Bool {
        if text.utf8.count <= limit { return true }
        problems.append(Inventory.Problem(path: path, field: field, reason: "malformed: longer than \(limit) bytes"))
        return false
    }

    /// Leaves `text` out where it is too long. Always true.
    @discardableResult
    mutating func limit(_ text: inout String?, _ limit: Int, _ field: String, at path: @autoclosure () -> String) -> Bool {
        if let value = text, value.utf8.count > limit, !fits(value, limit, field, at: path()) { text = nil }
        return true
    }

    /// The paths of processes and settings are bounded where they are read; a mount point is anybody's.
    mutating func limit(_ directories: inout [Inventory.DataDirectory]) {
        directories = Array(directories.prefix(Inventory.Application.maximumDirectories))
        for index in directories.indices {
            let path = directories[index].path
            limit(&directories[index].mountPoint, 4096, "mountPoint", at: path)
        }
        directories.removeAll { $0.path.utf8.count > 4096 || $0.evidence.utf8.count > 8192 }
    }

    /// Removes the entries for which `body` is false.
    mutating func limit<Entry>(_ entries: inout [Entry], _ body: (inout Bounds, inout Entry) -> Bool) {
        var kept = 0
        for index in entries.indices where body(&self, &entries[index]) {
            if kept < index { entries.swapAt(kept, index) }
            kept += 1
        }
        entries.removeLast(entries.count - kept)
    }

    mutating func limit(_ host: inout Inventory.Host) {
        limit(&host.hostName, 255, "hostName", at: "/etc/hostname")
        limit(&host.machineID, 64, "machineID", at: "/etc/machine-id")
        limit(&host.kernel, 255, "kernel", at: "/proc/sys/kernel/osrelease")
        limit(&host.architecture, 64, "architecture", at: "/proc/sys/kernel/arch")
    }

    mutating func limit(_ initiator: inout Inventory.Initiator) -> Bool {
        let path = "/sys/class/\(initiator.name ?? initiator.transport.rawValue)"
        limit(&initiator.portState, 64, "portState", at: path)
        limit(&initiator.portType, 64, "portType", at: path)
        limit(&initiator.speed, 64, "speed", at: path)
        limit(&initiator.driver, 64, "driver", at: path)
        limit(&initiator.symbolicName, 255, "symbolicName", at: path)
        limit(&initiator.nvmeHostID, 64, "nvmeHostID", at: path)
        limit(&initiator.model, 255, "model", at: path)
        limit(&initiator.firmware, 255, "firmware", at: path)
        limit(&initiator.driverVersion, 255, "driverVersion", at: path)
        limit(&initiator.portID, 64, "portID", at: path)
        limit(&initiator.supportedSpeeds, 255, "supportedSpeeds", at: path)
        limit(&initiator.hardwareAddress, 64, "hardwareAddress", at: path)
        limit(&initiator.address, 255, "address", at: path)
        limit(&initiator.networkInterface, 255, "networkInterface", at: path)
        if initiator.interfaces.count > Inventory.Initiator.maximumInterfaces {
            initiator.interfaces.removeLast(initiator.interfaces.count - Inventory.Initiator.maximumInterfaces)
        }
        limit(&initiator.interfaces) { bounds, interface in bounds.limit(&interface) }
        return limit(&initiator.name, 255, "name", at: path)
    }

    mutating func limit(_ device: inout Inventory.BlockDevice) -> Bool {
        let name = device.name
        var path: String { "/sys/class/block/\(name)" }
        limit(&device.serial, 512, "serial", at: path)
        limit(&device.vendor, 512, "vendor", at: path)
        limit(&device.model, 512, "model", at: path)
        limit(&device.revision, 512, "revision", at: path)
        limit(&device.transport, 64, "transport", at: path)
        limit(&device.mapName, 255, "mapName", at: path)
        limit(&device.mapUUID, 255, "mapUUID", at: path)
        limit(&device.raidLevel, 64, "raidLevel", at: path)
        limit(&device.backingFile, 4096, "backingFile", at: path)
        limit(&device.state, 64, "state", at: path)
        limit(&device.content, 64, "content", at: path)
        limit(&device.contentUUID, 255, "contentUUID", at: path)
        limit(&device.contentLabel, 512, "contentLabel", at: path)
        limit(&device.volumeGroup, 255, "volumeGroup", at: path)
        limit(&device.logicalVolume, 255, "logicalVolume", at: path)
        limit(&device.volumeLayer, 255, "volumeLayer", at: path)
        limit(&device.encryption, 64, "encryption", at: path)
        limit(&device.targetType, 64, "targetType", at: path)
        limit(&device.targetState, 255, "targetState", at: path)
        limit(&device.accessState, 64, "accessState", at: path)
        if !device.pathGroups.isEmpty { limit(&device.pathGroups, at: path) }
        if device.array != nil { limit(&device.array, at: path) }
        if var unit = device.logicalUnit {
            limit(&unit.remotePort, 255, "remotePort", at: path)
            limit(&unit.session, 255, "session", at: path)
            device.logicalUnit = unit
        }
        // A mapper's kind is what its maker wrote before the first hyphen of its UUID.
        if device.kind.utf8.count > 64, !fits(device.kind, 64, "kind", at: path) { device.kind = "dm" }
        return name.utf8.count <= 255 || fits(name, 255, "blockDevices", at: path)
    }

    mutating func limit(_ fileSystem: inout Inventory.FileSystem) -> Bool {
        let mountPoint = fileSystem.mountPoint
        limit(&fileSystem.root, 4096, "root", at: mountPoint)
        limit(&fileSystem.uuid, 255, "uuid", at: mountPoint)
        limit(&fileSystem.state, 64, "state", at: mountPoint)
        limit(&fileSystem.process, 64, "process", at: mountPoint)
        // Whoever mounts writes there what he likes: it hides no file system.
        if !fits(fileSystem.source, 4096, "source", at: mountPoint) { fileSystem.source = fileSystem.source.cut(to: 4096) }
        return fits(mountPoint, 4096, "mountPoint", at: mountPoint) && fits(fileSystem.type, 255, "type", at: mountPoint)
    }
}

extension String {
    /// The first of its bytes, `limit` at most, with an ellipsis where there are more.
    func cut(to limit: Int) -> String {
        if utf8.count <= limit { return self }
        // A character that is cut through becomes U+FFFD, of three bytes, as the ellipsis has.
        return String(decoding: utf8.prefix(limit - 6), as: UTF8.self) + "…"
    }
}
