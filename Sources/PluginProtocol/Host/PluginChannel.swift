import StrictJSON

/// Where calls to a plug-in go: a process, or in tests of what stands above it, an answerer in memory.
package protocol PluginChannel: Sendable {
    /// The result, whatever order answers come in. Throws nothing but `PluginCallError`.
    func call(_ method: String, _ parameters: JSONValue) async throws(PluginCallError) -> JSONValue
    /// Ends it; returns when it is gone. Calls under way fail as `.stopped`.
    func stop() async
}
