import Identifiers
import StrictJSON

extension ConformanceRun {
    /// What the lists say, and whether it fits together.
    mutating func reads() async {
        await check("pool.list holds to the protocol") { run in
            try run.need(.poolList)
            run.seen.pools = try run.wellFormed(await run.client.pools(), id: \.poolID.text)
        }
        await check("disk.list holds to the protocol") { run in
            try run.need(.diskList)
            run.seen.disks = try run.wellFormed(await run.client.disks(), id: \.diskID.text)
        }
        await check("port.list holds to the protocol") { run in
            try run.need(.portList)
            run.seen.ports = try run.wellFormed(await run.client.ports(), id: \.portID.text)
        }
        await check("volume.list holds to the protocol") { run in
            try run.need(.volumeList)
            run.seen.volumes = try run.wellFormed(await run.client.volumes(), id: \.volumeID.text)
        }
        await check("masking.list holds to the protocol") { run in
            try run.need(.maskingList)
            run.seen.masking = try run.wellFormed(await run.client.masking()) { "\($0.volumeID) \($0.initiator) \($0.lun)" }
        }
        await check("session.list holds to the protocol") { run in
            try run.need(.sessionList)
            run.seen.sessions = try run.wellFormed(await run.client.sessions()) { "\($0.initiator) \($0.portID) \($0.address ?? "")" }
        }
        await check("sample.get holds to the protocol") { run in
            try run.need(.sampleGet)
            _ = try await run.client.sample()
        }
        await check("no two volumes have one WWID") { run in
            for (wwid, volumes) in Dictionary(grouping: run.seen.volumes, by: \.wwid) where volumes.count > 1 {
                throw ConformanceFailure("\(volumes.map(\.volumeID.text).sorted().joined(separator: " and ")) have \(wwid)")
            }
        }
        await check("what the lists refer to is there") { run in try run.references() }
        await check("no initiator has one logical unit number for two volumes at a port") { run in
            var taken: [String: VolumeID] = [:]
            for entry in run.seen.masking {
                for port in entry.portIDs {
                    let place = "\(entry.initiator) \(port) \(entry.lun)"
                    if let other = taken.updateValue(entry.volumeID, forKey: place), other != entry.volumeID {
                        throw ConformanceFailure("\(entry.initiator) sees \(other) and \(entry.volumeID) as \(entry.lun) at \(port)")
                    }
                }
            }
        }
        await check("its limits hold for what is there") { run in
            let capabilities = run.seen.system?.capabilities
            if let most = capabilities?.limit(PluginCapabilities.LimitName.maximumLUN) {
                let beyond = run.seen.masking.first { $0.lun > most }
                try run.expect(
                    beyond == nil, "volume \(beyond?.volumeID.text ?? "") is logical unit \(beyond?.lun ?? 0), more than \(most)")
            }
            for name in [PluginCapabilities.LimitName.maximumLUN, PluginCapabilities.LimitName.sizeMultiple] {
                guard let text = capabilities?.limits[name] else { continue }
                try run.expect(Int64(text) != nil, "the limit \(name) is \(text), no number")
            }
        }
    }

    private func wellFormed<Entry>(_ list: PluginList<Entry>, id: (Entry) -> String) throws -> [Entry] {
        if let first = list.malformed.first { throw ConformanceFailure("\(first.reason)") }
        var ids = Set<String>()
        for entry in list.entries where !ids.insert(id(entry)).inserted { throw ConformanceFailure("\(id(entry)) stands in it twice") }
        return list.entries
    }

    private func references() throws {
        let capabilities = seen.system?.capabilities
        let pools = Set(seen.pools.map(\.poolID))
        let ports = Set(seen.ports.map(\.portID))
        let volumes = Set(seen.volumes.map(\.volumeID))
        if capabilities?.lists(.poolList) == true {
            for pool in seen.volumes.compactMap(\.poolID) + seen.disks.compactMap(\.poolID) {
                try expect(pools.contains(pool), "pool \(pool) is named and not listed")
            }
        }
        for volume in seen.volumes.compactMap(\.replicaOf) {
            try expect(volumes.contains(volume), "volume \(volume) is named and not listed")
        }
        for entry in seen.masking {
            try expect(volumes.contains(entry.volumeID), "masking names the volume \(entry.volumeID), which is not listed")
            for port in entry.portIDs { try expect(ports.contains(port), "masking names the port \(port), which is not listed") }
        }
        for session in seen.sessions {
            try expect(ports.contains(session.portID), "a session names the port \(session.portID), which is not listed")
        }
    }

    /// How it takes what is not as it should be.
    mutating func manners() async {
        await check("an unknown method is answered with -32601") { run in
            try await run.expectFault([.unsupported], code: PluginFault.Code.methodNotFound, "quartermaster.unknown") {
                _ = try await run.process.call("quartermaster.unknown", .object([:]))
            }
        }
        await check("methods that it does not list are answered with -32601") { run in
            let unlisted = PluginMethod.allCases.filter { run.seen.system?.capabilities.lists($0) == false }
            guard !unlisted.isEmpty else { throw ConformanceSkip("it lists every method") }
            for method in unlisted {
                try await run.expectFault([.unsupported], code: PluginFault.Code.methodNotFound, method.rawValue) {
                    _ = try await run.process.call(method.rawValue, .object([:]))
                }
            }
        }
        await check("parameters that it does not know are ignored") { run in
            let system = try await run.process.call(PluginMethod.systemGet.rawValue, .object(["quartermaster-check": ["x": [1, 2, 3]]]))
            try run.expect(system["systemID"] != nil, "system.get then has no systemID")
        }
        await check("many requests under way are all answered") { run in
            let client = run.client
            let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        _ = try await client.system()
                        return true
                    }
                }
                return try await group.reduce(0) { count, _ in count + 1 }
            }
            try run.expect(count == 50, "\(count) of 50 were answered")
        }
        await check("an unknown task is notFound") { run in
            try run.need(.taskGet)
            guard let taskID = StorageTaskID("quartermaster-check-unknown") else { return }
            try await run.expectFault([.notFound], "task.get") { _ = try await run.client.task(taskID) }
        }
        await check("a line that is no JSON is answered, and the next request as well") { run in try await run.garbage() }
    }

    /// Speaks to a process of its own directly, on a thread that may block: the host never writes such a line.
    private func garbage() async throws {
        let (path, options, limits) = (path, options, limits)
        let result = await withCheckedContinuation { (done: CheckedContinuation<Result<Void, any Error>, Never>) in
            let started = Thread.start {
                done.resume(returning: Result { try Self.garbage(path, options, limits) })
            }
            if started != 0 { done.resume(returning: .failure(PluginCallError.cannotStart(path: path, errno: started))) }
        }
        try result.get()
    }

    private static func garbage(_ path: String, _ options: [String: String], _ limits: PluginLimits) throws {
        var child = try RawPlugin(path: path)
        defer { child.end() }
        try child.write("this is no JSON\n")
        let initialize = JSONValue.object([
            "protocol": .integer(PluginProtocol.version),
            "options": .object(JSONObject(options.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ])
        try child.write(PluginRequest(id: 1, method: "initialize", parameters: initialize).jsonText + "\n")
        let deadline = MonotonicTime.now + limits.readDeadline
        var answeredGarbage = false
        while let line = try child.line(before: deadline) {
            let response = try PluginResponse.parse(line: line)
            if response.id == 1 {
                guard answeredGarbage else { throw ConformanceFailure("it does not answer the line (with id null and an error)") }
                return
            }
            if response.id == nil, case .failure = response.outcome { answeredGarbage = true }
        }
        throw ConformanceFailure("after such a line, initialize is not answered")
    }
}
