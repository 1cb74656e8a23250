import Identifiers
import StrictJSON

/// The protocol's methods as functions, over any channel: what they take and give is typed and bounded.
package struct PluginClient: Sendable {
    package let channel: any PluginChannel

    package init(_ channel: any PluginChannel) { self.channel = channel }

    package func system() async throws(PluginCallError) -> PluginSystem { try await object(.systemGet) }
    package func pools() async throws(PluginCallError) -> PluginList<PluginPool> { try await list(.poolList, "pools", "poolID") }
    package func disks() async throws(PluginCallError) -> PluginList<PluginDisk> { try await list(.diskList, "disks", "diskID") }
    package func ports() async throws(PluginCallError) -> PluginList<PluginPort> { try await list(.portList, "ports", "portID") }
    package func volumes() async throws(PluginCallError) -> PluginList<PluginVolume> { try await list(.volumeList, "volumes", "volumeID") }
    package func masking() async throws(PluginCallError) -> PluginList<PluginMasking> {
        try await list(.maskingList, "masking", "volumeID")
    }
    package func sessions() async throws(PluginCallError) -> PluginList<PluginSession> {
        try await list(.sessionList, "sessions", "initiator")
    }
    package func sample() async throws(PluginCallError) -> PluginSample { try await object(.sampleGet) }

    /// A write that answers `{volume}` or `{task}`.
    package func change(_ method: PluginMethod, _ parameters: some JSONWritable) async throws(PluginCallError) -> PluginOutcome {
        try await object(method, parameters)
    }

    /// A write that answers `{masking}`.
    package func mask(_ method: PluginMethod, _ parameters: some JSONWritable) async throws(PluginCallError) -> PluginMasking {
        let result = try await call(method, parameters)
        return try read(method) { () throws(JSONError) in try PluginMasking(json: JSONFields(result).fields("masking")) }
    }

    package func task(_ taskID: StorageTaskID) async throws(PluginCallError) -> PluginTask {
        try await object(.taskGet, JSONValue.object(["taskID": .string(taskID.text)]))
    }

    package func call(_ method: PluginMethod, _ parameters: some JSONWritable = JSONValue.object([:])) async throws(PluginCallError)
        -> JSONValue
    {
        let value = try read(method) { () throws(JSONError) in try JSONValue.parse(parameters.jsonBytes) }
        return try await channel.call(method.rawValue, value)
    }

    private func object<Value: JSONReadable>(
        _ method: PluginMethod, _ parameters: some JSONWritable = JSONValue.object([:])
    ) async throws(PluginCallError) -> Value {
        let result = try await call(method, parameters)
        return try read(method) { () throws(JSONError) in try Value(json: JSONFields(result)) }
    }

    private func list<Entry: JSONReadable>(
        _ method: PluginMethod, _ key: String, _ idKey: String
    ) async throws(PluginCallError) -> PluginList<Entry> {
        let result = try await call(method)
        return try read(method) { () throws(JSONError) in try PluginList(result: result, key: key, idKey: idKey) }
    }

    private func read<Value>(_ method: PluginMethod, _ body: () throws(JSONError) -> Value) throws(PluginCallError) -> Value {
        do throws(JSONError) { return try body() } catch { throw .malformed(method: method.rawValue, error) }
    }
}
