import Identifiers
import PluginProtocol

/// Why a storage system was not added or looked at. What is wrong with IDs and duplicates is `StorageSystemError`.
package enum DiscoveryError: Error, Equatable, Sendable {
    case plugin(PluginFinder.Failure)
    /// An option that the plug-in did not declare, or one that it needs and did not get. Nothing was told to it.
    case option(plugin: String, PluginFault)
    /// The plug-in did not introduce itself or its system.
    case noIntroduction(plugin: String, PluginCallError)
    /// The last view of the system stays.
    case unreachable(SystemID, PluginCallError)
    /// Another machine answers, or the plug-in lies: nothing it says is believed.
    case anotherMachine(SystemID, expected: String, found: String)
}

extension DiscoveryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .plugin(let failure): "\(failure)"
        case .option(_, let fault): "\(fault.message)"
        case .noIntroduction(let plugin, let error): "plug-in \(plugin) did not introduce its storage system: \(error)"
        case .unreachable(let id, let error): "storage system \(id) cannot be looked at: \(error). What was known of it stays"
        case .anotherMachine(let id, let expected, let found):
            """
            storage system \(id) was \(expected), and now calls itself \(found): nothing it says is believed. If it was replaced, remove it and \
            add the new one
            """
        }
    }
}
