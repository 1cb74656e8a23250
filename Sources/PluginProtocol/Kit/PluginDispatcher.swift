import Identifiers
import StrictJSON
import Synchronization

/// Turns requests into calls of a plug-in's methods, and what they give or throw into answers.
package final class PluginDispatcher<Plugin: StoragePlugin>: Sendable {
    private enum Life: Sendable {
        case new
        /// Asked for its declaration alone: without options, while some are required.
        case declared
        case open(Plugin)
    }

    private let life = Mutex<Life>(.new)

    package init() {}

    package func answer(_ request: PluginRequest) -> PluginResponse {
        do throws(PluginFault) {
            return PluginResponse(id: request.id, outcome: .success(try result(of: request)))
        } catch {
            return PluginResponse(id: request.id, outcome: .failure(error))
        }
    }

    private func result(of request: PluginRequest) throws(PluginFault) -> JSONValue {
        guard let method = PluginMethod(rawValue: request.method) else { throw .unlisted(request.method) }
        let fields = try Self.read { () throws(JSONError) in try JSONFields(request.parameters) }
        if method == .initialize { return try initialize(fields) }
        let plugin = try opened()
        if !method.isAlwaysAnswered, !(try plugin.capabilities().lists(method)) { throw .unlisted(request.method) }
        return try method.isWrite ? write(plugin, method, fields) : read(plugin, method, fields)
    }

    private func initialize(_ fields: JSONFields) throws(PluginFault) -> JSONValue {
        let (version, options) = try Self.read { () throws(JSONError) -> (Int64, [String: String]) in
            var options: [String: String] = [:]
            if let given = try fields.optionalFields("options") {
                for name in given.object.keys { options[name] = try given.string(name, maximumLength: 64 << 10) }
            }
            return (try fields.integer("protocol", in: Int64.min...Int64.max), options)
        }
        guard version == PluginProtocol.version else {
            throw PluginFault(.unsupported, "protocol \(version) is not known; this plug-in speaks \(PluginProtocol.version)")
        }
        let identity = Plugin.identity
        let isQuestion = options.isEmpty && identity.options.contains(where: \.isRequired)
        if !isQuestion, let refusal = identity.refusal(of: options) { throw refusal }
        let next: Life = isQuestion ? .declared : .open(try Plugin(options: options))
        try life.withLock { (life) throws(PluginFault) in
            guard case .new = life else { throw PluginFault(.conflict, "initialize was called before", code: PluginFault.Code.request) }
            life = next
        }
        return try Self.value(identity)
    }

    private func opened() throws(PluginFault) -> Plugin {
        switch life.withLock({ $0 }) {
        case .open(let plugin): return plugin
        case .new: throw PluginFault(.conflict, "initialize comes first", code: PluginFault.Code.request)
        case .declared:
            throw Plugin.identity.refusal(of: [:])
                ?? PluginFault(.conflict, "initialize with options comes first", code: PluginFault.Code.request)
        }
    }

    private func read(_ plugin: Plugin, _ method: PluginMethod, _ fields: JSONFields) throws(PluginFault) -> JSONValue {
        switch method {
        case .systemGet: return try Self.value(plugin.system())
        case .poolList: return try Self.list("pools", plugin.pools())
        case .diskList: return try Self.list("disks", plugin.disks())
        case .portList: return try Self.list("ports", plugin.ports())
        case .volumeList: return try Self.list("volumes", plugin.volumes())
        case .maskingList: return try Self.list("masking", plugin.masking())
        case .sessionList: return try Self.list("sessions", plugin.sessions())
        case .sampleGet: return try Self.value(plugin.sample())
        default:
            let taskID: StorageTaskID = try Self.read { () throws(JSONError) in try fields.id("taskID") }
            return try Self.value(plugin.task(taskID))
        }
    }

    private func write(_ plugin: Plugin, _ method: PluginMethod, _ fields: JSONFields) throws(PluginFault) -> JSONValue {
        switch method {
        case .volumeCreate: return try Self.value(plugin.createVolume(Self.request(fields)))
        case .volumeResize: return try Self.value(plugin.resizeVolume(Self.request(fields)))
        case .volumeDelete:
            try plugin.deleteVolume(Self.request(fields))
            return .object([:])
        case .maskingAdd: return .object(["masking": try Self.value(plugin.addMasking(Self.request(fields)))])
        case .maskingRemove: return .object(["masking": try Self.value(plugin.removeMasking(Self.request(fields)))])
        case .replicaCreate: return try Self.value(plugin.createReplica(Self.request(fields)))
        case .replicaSplit: return try Self.value(plugin.splitReplica(Self.request(fields)))
        case .replicaRestore: return try Self.value(plugin.restoreReplica(Self.request(fields)))
        case .replicaDelete:
            try plugin.deleteReplica(Self.request(fields))
            return .object([:])
        case .authenticationSet:
            try plugin.setAuthentication(Self.request(fields))
            return .object([:])
        case .portConfigure: return .object(["port": try Self.value(plugin.configurePort(Self.request(fields)))])
        default: throw .unlisted(method.rawValue)
        }
    }

    // MARK: JSON in and out

    private static func request<Request: JSONReadable>(_ fields: JSONFields) throws(PluginFault) -> Request {
        try read { () throws(JSONError) in try Request(json: fields) }
    }

    private static func read<Value>(_ body: () throws(JSONError) -> Value) throws(PluginFault) -> Value {
        do throws(JSONError) { return try body() } catch { throw PluginFault(parameters: error) }
    }

    private static func value(_ writable: some JSONWritable) throws(PluginFault) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(writable.jsonBytes)
        } catch {
            throw PluginFault(.internal, "the answer is no JSON: \(error)", code: PluginFault.Code.internal)
        }
    }

    private static func list(_ key: String, _ entries: [some JSONWritable]) throws(PluginFault) -> JSONValue {
        .object(JSONObject([(key, try value(EntryArray(entries: entries)))]))
    }

    private struct EntryArray<Entry: JSONWritable>: JSONWritable {
        let entries: [Entry]
        func write(to writer: inout JSONWriter) { writer.array(entries) { $1.write(to: &$0) } }
    }
}
