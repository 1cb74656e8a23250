import Files
import Glibc
import Identifiers
import PluginProtocol
import StrictJSON

/// A storage system that exists in a state file alone: every method of the protocol, on objects as the protocol describes them.
final class SimulatorPlugin: StoragePlugin {
    static let identity = PluginIdentity(
        name: "simulator", version: "1", vendor: "Quartermaster",
        options: [
            PluginOption("state", required: true, "JSON file with system, pools, disks, ports, volumes, masking, sessions"),
            PluginOption(
                "fault", "METHOD:KIND:COUNT, several by comma; KIND is an error kind, delay=TIME, hang, crash, garbage or another"),
        ])

    let file: StateFile

    init(options: [String: String]) throws(PluginFault) {
        _ = try Fault.parse(list: options["fault"] ?? "")
        // Declared as required: it is always there.
        file = try StateFile(path: options["state"] ?? "")
    }

    // MARK: Reading

    func system() throws(PluginFault) -> PluginSystem { try file.state().system }
    func pools() throws(PluginFault) -> [PluginPool] { try file.state().pools }
    func disks() throws(PluginFault) -> [PluginDisk] { try file.state().disks }
    func ports() throws(PluginFault) -> [PluginPort] { try file.state().ports }
    func volumes() throws(PluginFault) -> [PluginVolume] { try file.state().volumes }
    func masking() throws(PluginFault) -> [PluginMasking] { try file.state().masking }
    func sessions() throws(PluginFault) -> [PluginSession] { try file.state().sessions }

    func sample() throws(PluginFault) -> PluginSample {
        let state = try file.state()
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let at = Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
        if !state.counters.isEmpty { return PluginSample(at: at, counters: state.counters) }
        let pools = state.pools.map {
            PluginSample.Counter(object: "pool", objectID: $0.poolID.text, usedBytes: $0.totalBytes - $0.freeBytes)
        }
        let volumes = state.volumes.map {
            PluginSample.Counter(object: "volume", objectID: $0.volumeID.text, usedBytes: $0.allocatedBytes ?? $0.sizeBytes)
        }
        return PluginSample(at: at, counters: pools + volumes)
    }

    // MARK: Writing

    func createVolume(_ request: VolumeCreation) throws(PluginFault) -> PluginOutcome {
        try outcome(.volumeCreate, request, request.requestID)
    }
    func resizeVolume(_ request: VolumeResize) throws(PluginFault) -> PluginOutcome {
        try outcome(.volumeResize, request, request.requestID)
    }
    func deleteVolume(_ request: VolumeChange) throws(PluginFault) { _ = try once(.volumeDelete, request, request.requestID) }
    func createReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        try outcome(.replicaCreate, request, request.requestID)
    }
    func splitReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        try outcome(.replicaSplit, request, request.requestID)
    }
    func restoreReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome {
        try outcome(.replicaRestore, request, request.requestID)
    }
    func deleteReplica(_ request: VolumeChange) throws(PluginFault) { _ = try once(.replicaDelete, request, request.requestID) }

    func addMasking(_ request: MaskingChange) throws(PluginFault) -> PluginMasking {
        try read(once(.maskingAdd, request, request.requestID))
    }

    func removeMasking(_ request: MaskingChange) throws(PluginFault) -> PluginMasking {
        try read(once(.maskingRemove, request, request.requestID))
    }

    func setAuthentication(_ request: AuthenticationChange) throws(PluginFault) {
        // The secret is taken and kept nowhere, neither in the state nor in the journal.
        var kept = request
        kept.secret = "(not kept)"
        if kept.mutualSecret != nil { kept.mutualSecret = "(not kept)" }
        _ = try once(.authenticationSet, kept, request.requestID)
    }

    func configurePort(_ request: PortChange) throws(PluginFault) -> PluginPort {
        try read(once(.portConfigure, request, request.requestID))
    }

    func task(_ taskID: StorageTaskID) throws(PluginFault) -> PluginTask {
        let known = try file.state()
        guard let task = known.tasks.first(where: { $0.taskID == taskID }) else {
            throw PluginFault(.notFound, "there is no task \(taskID)")
        }
        if task.outcome != nil { return task.task }
        return try file.update { state throws(PluginFault) in
            guard let index = state.tasks.firstIndex(where: { $0.taskID == taskID }) else {
                throw PluginFault(.notFound, "there is no task \(taskID)")
            }
            var task = state.tasks[index]
            guard task.outcome == nil else { return task.task }
            task.polls -= 1
            if task.polls <= 0 {
                do throws(PluginFault) {
                    var changed = state
                    task.outcome = .success(try changed.perform(task.method, task.parameters))
                    state = changed
                } catch {
                    task.outcome = .failure(error)
                }
            }
            state.tasks[index] = task
            return task.task
        }
    }

    private func outcome(_ method: PluginMethod, _ request: some JSONWritable, _ id: StorageRequestID) throws(PluginFault) -> PluginOutcome
    {
        try read(once(method, request, id))
    }

    /// Does a write once for each request ID; one that is sent again gets the same answer. A method named under `slow` becomes a task.
    private func once(_ method: PluginMethod, _ request: some JSONWritable, _ id: StorageRequestID) throws(PluginFault) -> JSONValue {
        if let done = try file.state().journal.result(of: id, method, request) { return done }
        return try file.update { state throws(PluginFault) in
            if let done = try state.journal.result(of: id, method, request) { return done }
            let parameters = try json(request)
            let result: JSONValue
            if let slow = state.slow.first(where: { $0.method == method.rawValue }) {
                guard let taskID = StorageTaskID("task-\(state.takeNumber())") else {
                    throw PluginFault(.internal, "no task ID can be made")
                }
                let task = SimulatorState.PendingTask(
                    taskID: taskID, polls: slow.polls, method: method, parameters: parameters, outcome: nil)
                state.tasks.append(task)
                result = .object(["task": try json(task.task)])
            } else {
                result = try state.perform(method, parameters)
            }
            state.journal.record(id, method, request, result: result)
            return result
        }
    }

    private func json(_ value: some JSONWritable) throws(PluginFault) -> JSONValue {
        do throws(JSONError) { return try JSONValue.parse(value.jsonBytes) } catch { throw PluginFault(.internal, "\(error)") }
    }

    private func read<Value: JSONReadable>(_ value: JSONValue) throws(PluginFault) -> Value {
        do throws(JSONError) { return try Value(json: JSONFields(value)) } catch { throw PluginFault(.internal, "\(error)") }
    }
}
