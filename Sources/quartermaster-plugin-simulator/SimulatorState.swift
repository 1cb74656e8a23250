import Identifiers
import PluginProtocol
import StrictJSON

/// The simulated storage system, as its state file describes it. Members that this program does not know are kept as they are.
struct SimulatorState: Sendable {
    /// A write that goes on after its answer.
    struct PendingTask: Sendable {
        var taskID: StorageTaskID
        /// How often `task.get` still says that it runs.
        var polls: Int64
        var method: PluginMethod
        var parameters: JSONValue
        /// Nil while it runs.
        var outcome: Result<JSONValue, PluginFault>?
    }

    private var document: JSONObject
    var system: PluginSystem
    var pools: [PluginPool]
    var disks: [PluginDisk]
    var ports: [PluginPort]
    var volumes: [PluginVolume]
    var masking: [PluginMasking]
    var sessions: [PluginSession]
    /// Given for `sample.get`; without them, usage is derived from pools and volumes.
    var counters: [PluginSample.Counter]
    /// Initiator to CHAP user name; secrets are taken and forgotten.
    var userNames: [(initiator: String, userName: String)]
    /// Faults that strike once for each count, whatever process serves.
    var faults: [String]
    /// Methods that answer with a task, and how many `task.get` it then runs for.
    var slow: [(method: String, polls: Int64)]
    var tasks: [PendingTask]
    var journal: RequestJournal
    /// Grows with every volume and task made, so that no ID comes back.
    var nextNumber: Int64

    /// What a state file that lists no capabilities can do: everything.
    static let allCapabilities = PluginCapabilities(
        methods: Set(PluginMethod.allCases).subtracting([.initialize]), features: ["volume.resize.online"], limits: ["lun.max": "255"])

    init(json: JSONFields) throws(JSONError) {
        document = json.object
        system = try PluginSystem(json: json.fields("system"))
        if !(try json.fields("system").has("capabilities")) { system.capabilities = Self.allCapabilities }
        pools = try json.objects("pools") { fields throws(JSONError) in try PluginPool(json: fields) }
        disks = try json.objects("disks") { fields throws(JSONError) in try PluginDisk(json: fields) }
        ports = try json.objects("ports") { fields throws(JSONError) in try PluginPort(json: fields) }
        volumes = try json.objects("volumes") { fields throws(JSONError) in try PluginVolume(json: fields) }
        masking = try json.objects("masking") { fields throws(JSONError) in try PluginMasking(json: fields) }
        sessions = try json.objects("sessions") { fields throws(JSONError) in try PluginSession(json: fields) }
        counters = try json.objects("counters") { fields throws(JSONError) in try PluginSample.Counter(json: fields) }
        faults = try json.strings("faults", maximumCount: 1000)
        userNames = try json.objects("authentication") { fields throws(JSONError) in
            (try fields.string("initiator"), try fields.string("userName"))
        }
        slow = []
        if let methods = try json.optionalFields("slow") {
            for name in methods.object.keys { slow.append((name, try methods.integer(name, in: 1...1_000_000))) }
        }
        tasks = try json.objects("tasks") { fields throws(JSONError) in try PendingTask(json: fields) }
        journal = try RequestJournal(json: json)
        nextNumber = try json.optionalInteger("nextNumber", in: 1...Int64.max - 1) ?? Int64(volumes.count + 1)
    }

    /// The document with what writes may change put in its place.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            let written: Set<String> = [
                "pools", "ports", "volumes", "masking", "authentication", "faults", "tasks", "requests", "nextNumber",
            ]
            for member in document.members where !written.contains(member.key) { writer.member(member.key, member.value) }
            writer.member("pools", array: pools)
            writer.member("ports", array: ports)
            writer.member("volumes", array: volumes)
            writer.member("masking", array: masking)
            writer.key("authentication")
            writer.array(userNames) { writer, entry in
                writer.object { writer in
                    writer.member("initiator", entry.initiator)
                    writer.member("userName", entry.userName)
                }
            }
            writer.member("faults", strings: faults)
            writer.member("tasks", array: tasks)
            writer.member("nextNumber", nextNumber)
            journal.writeMembers(to: &writer)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    mutating func takeNumber() -> Int64 {
        defer { nextNumber += 1 }
        return nextNumber
    }
}

extension SimulatorState.PendingTask: JSONReadable, JSONWritable {
    init(json: JSONFields) throws(JSONError) {
        let task = try PluginTask(json: json)
        taskID = task.taskID
        polls = try json.optionalInteger("polls") ?? 0
        method = try json.parsed("method", expected: "a method") { PluginMethod(rawValue: $0) }
        parameters = try json.value("parameters")
        switch task.state {
        case .running: outcome = nil
        case .done(let result): outcome = .success(result)
        case .failed(let fault): outcome = .failure(fault)
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("taskID", taskID.text)
            writer.member("method", method.rawValue)
            writer.member("polls", polls)
            writer.member("parameters", parameters)
            switch outcome {
            case nil: writer.member("state", "running")
            case .success(let result):
                writer.member("state", "done")
                writer.member("result", result)
            case .failure(let fault):
                writer.member("state", "failed")
                writer.member("error", fault)
            }
        }
    }

    var task: PluginTask {
        switch outcome {
        case nil: PluginTask(taskID: taskID, state: .running(progress: nil))
        case .success(let result): PluginTask(taskID: taskID, state: .done(result: result))
        case .failure(let fault): PluginTask(taskID: taskID, state: .failed(fault))
        }
    }
}
