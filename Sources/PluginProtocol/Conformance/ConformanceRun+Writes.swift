import Identifiers
import StrictJSON

extension ConformanceRun {
    /// Volumes that the run made and has to take away.
    private static let prefix = "quartermaster-check"

    /// Each write on volumes of the run's own; what is left over is deleted in the end, whatever failed.
    mutating func writes() async {
        var made: [VolumeID] = []
        let unit = seen.system?.capabilities.limit(PluginCapabilities.LimitName.sizeMultiple).flatMap { $0 > 0 ? $0 : nil } ?? (1 << 20)
        let size = (16 << 20) / unit >= 1 ? unit * ((16 << 20) / unit) : unit
        let nonce = String(UInt32.random(in: 0 ... .max), radix: 16)
        func id(_ word: String) throws -> StorageRequestID {
            guard let id = StorageRequestID("\(Self.prefix)-\(nonce)-\(word)") else {
                throw ConformanceFailure("no request ID can be made")
            }
            return id
        }
        await check("volume.create makes a volume, once for each requestID") { run in
            try run.need(.volumeCreate)
            let request = VolumeCreation(name: "\(Self.prefix)-\(nonce)", sizeBytes: size, requestID: try id("create"))
            let volume = try await run.volume(run.client.change(.volumeCreate, request))
            made.append(volume.volumeID)
            try run.expect(volume.sizeBytes >= size, "it has \(volume.sizeBytes) bytes, \(size) were asked for")
            let again = try await run.volume(run.client.change(.volumeCreate, request))
            if again.volumeID != volume.volumeID { made.append(again.volumeID) }
            try run.expect(again.volumeID == volume.volumeID, "sent again, the request made another volume, \(again.volumeID)")
            let listed = try await run.client.volumes().entries.filter { $0.name == request.name }
            try run.expect(listed.count == 1, "volume.list has \(listed.count) volumes of its name")
        }
        await check("a request ID stands for one request") { run in
            guard !made.isEmpty else { throw ConformanceSkip("no volume was made") }
            let request = VolumeCreation(name: "\(Self.prefix)-\(nonce)-other", sizeBytes: size, requestID: try id("create"))
            try await run.expectFault([.conflict], "another request under the same ID") {
                made.append(try await run.volume(run.client.change(.volumeCreate, request)).volumeID)
            }
        }
        await check("a volume of no size is invalid in sizeBytes") { run in
            try run.need(.volumeCreate)
            let request: JSONValue = [
                "name": .string("\(Self.prefix)-\(nonce)-none"), "sizeBytes": 0, "requestID": .string(try id("none").text),
            ]
            try await run.expectFault([.invalid], field: "sizeBytes", "a size of 0") {
                made.append(try await run.volume(run.client.change(.volumeCreate, request)).volumeID)
            }
        }
        await check("volume.resize grows, and shrinks only when allowed to") { run in
            try run.need(.volumeResize)
            guard let volumeID = made.first else { throw ConformanceSkip("no volume was made") }
            let grow = VolumeResize(volumeID: volumeID, sizeBytes: size * 2, requestID: try id("grow"))
            let grown = try await run.volume(run.client.change(.volumeResize, grow))
            try run.expect(grown.sizeBytes >= size * 2, "it has \(grown.sizeBytes) bytes, \(size * 2) were asked for")
            let again = try await run.volume(run.client.change(.volumeResize, grow))
            try run.expect(again.sizeBytes == grown.sizeBytes, "sent again, the request changed the size once more")
            let shrink = VolumeResize(volumeID: volumeID, sizeBytes: size, requestID: try id("shrink"))
            try await run.expectFault([.invalid, .unsupported, .notPermitted], "shrinking without allowShrink") {
                _ = try await run.client.change(.volumeResize, shrink)
            }
            let now = try await run.client.volumes().entries.first { $0.volumeID == volumeID }
            try run.expect(now?.sizeBytes == grown.sizeBytes, "after the refusal it has \(now?.sizeBytes ?? 0) bytes")
        }
        await check("masking.add and masking.remove show in masking.list") { run in
            try run.need(.maskingAdd)
            try run.need(.maskingRemove)
            guard let volumeID = made.first else { throw ConformanceSkip("no volume was made") }
            try await run.mask(volumeID, add: try id("mask"), remove: try id("unmask"))
        }
        await check("replicas are made, split, restored and deleted") { run in
            try run.need(.replicaCreate)
            guard let volumeID = made.first else { throw ConformanceSkip("no volume was made") }
            let create = VolumeChange(volumeID: volumeID, name: "\(Self.prefix)-\(nonce)-replica", requestID: try id("replica"))
            let replica = try await run.volume(run.client.change(.replicaCreate, create))
            made.append(replica.volumeID)
            try run.expect(replica.replicaOf == volumeID, "the replica says that it is one of \(replica.replicaOf?.text ?? "nothing")")
            for (method, word) in [(PluginMethod.replicaSplit, "split"), (.replicaRestore, "restore")] {
                guard run.seen.system?.capabilities.lists(method) == true else { continue }
                _ = try await run.volume(run.client.change(method, VolumeChange(volumeID: replica.volumeID, requestID: try id(word))))
            }
            guard run.seen.system?.capabilities.lists(.replicaDelete) == true else { return }
            _ = try await run.finish(
                run.client.change(.replicaDelete, VolumeChange(volumeID: replica.volumeID, requestID: try id("unreplicate"))))
            made.removeAll { $0 == replica.volumeID }
        }
        await check("volume.delete deletes, once for each requestID") { run in
            try run.need(.volumeDelete)
            guard let volumeID = made.first else { throw ConformanceSkip("no volume was made") }
            let request = VolumeChange(volumeID: volumeID, requestID: try id("delete"))
            _ = try await run.finish(run.client.change(.volumeDelete, request))
            _ = try await run.finish(run.client.change(.volumeDelete, request))
            made.removeFirst()
            let left = try await run.client.volumes().entries
            try run.expect(!left.contains { $0.volumeID == volumeID }, "volume.list still has it")
            try await run.expectFault([.notFound], "deleting it under another requestID") {
                _ = try await run.client.change(.volumeDelete, VolumeChange(volumeID: volumeID, requestID: try id("delete-again")))
            }
        }
        await check("nothing of the writes is left over") { run in
            for (index, volumeID) in made.enumerated().reversed() {
                _ = try await run.finish(
                    run.client.change(.volumeDelete, VolumeChange(volumeID: volumeID, requestID: try id("clean-\(index)"))))
            }
            guard run.seen.system?.capabilities.lists(.volumeList) == true else { return }
            run.seen.volumes = try await run.client.volumes().entries
            let left = run.seen.volumes.first { $0.name.hasPrefix("\(Self.prefix)-\(nonce)") }
            try run.expect(left == nil, "volume \(left?.volumeID.text ?? "") is still there")
        }
    }

    private func mask(_ volumeID: VolumeID, add: StorageRequestID, remove: StorageRequestID) async throws {
        guard let initiator = MaskedInitiator("iqn.2026-11.example.quartermaster:check") else { return }
        let port = seen.ports.first { $0.transport == .iscsi } ?? seen.ports.first
        let request = MaskingChange(volumeID: volumeID, initiator: initiator, portIDs: port.map { [$0.portID] } ?? [], requestID: add)
        let entry = try await client.mask(.maskingAdd, request)
        try expect(entry.volumeID == volumeID && entry.initiator == initiator, "masking.add answers an entry for something else")
        try expect(try await client.mask(.maskingAdd, request) == entry, "sent again, masking.add answers otherwise")
        let added = try await client.masking().entries.filter { $0.volumeID == volumeID && $0.initiator == initiator }
        try expect(added == [entry], "masking.list has \(added.count) entries for it")
        let removal = MaskingChange(volumeID: volumeID, initiator: initiator, requestID: remove)
        _ = try await client.mask(.maskingRemove, removal)
        _ = try await client.mask(.maskingRemove, removal)
        let left = try await client.masking().entries.contains { $0.volumeID == volumeID && $0.initiator == initiator }
        try expect(!left, "masking.list still has it after masking.remove")
    }

    /// The volume that a write ends with; waits for a task.
    private func volume(_ outcome: PluginOutcome) async throws -> PluginVolume {
        guard case .volume(let volume) = try await finish(outcome) else { throw ConformanceFailure("the answer has no volume") }
        return volume
    }

    private func finish(_ outcome: PluginOutcome) async throws -> PluginOutcome {
        guard case .task(var task) = outcome else { return outcome }
        let deadline = MonotonicTime.now + limits.writeDeadline * 10
        while MonotonicTime.now < deadline {
            switch task.state {
            case .done(let result): return try PluginOutcome(json: JSONFields(result))
            case .failed(let fault): throw PluginCallError.fault(fault)
            case .running: task = try await client.task(task.taskID)
            }
            if case .running = task.state { try await Task.sleep(for: .milliseconds(50)) }
        }
        throw ConformanceFailure("task \(task.taskID) still runs after \(limits.writeDeadline * 10)")
    }
}
