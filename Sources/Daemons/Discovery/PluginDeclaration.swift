import PluginProtocol

/// Learns which options a plug-in declares before it is told any that it does not: asked first without options, then with those alone that
/// it complains of missing.
struct PluginDeclaration: Sendable {
    let path: String
    let plugin: String
    let limits: PluginLimits
    let log: @Sendable (String) -> Void

    /// What the plug-in declares, once `options` were found to be among it and complete.
    func check(_ options: [String: String]) async throws(DiscoveryError) -> PluginIdentity {
        var told: [String: String] = [:]
        while true {
            let process = PluginProcess(path: path, options: told, limits: limits, log: log)
            let answer: Result<PluginIdentity, PluginCallError>
            do throws(PluginCallError) { answer = .success(try await process.initialize()) } catch { answer = .failure(error) }
            await process.stop(grace: .seconds(1))
            switch answer {
            case .success(let identity):
                if let refusal = identity.refusal(of: options) { throw .option(plugin: plugin, refusal) }
                return identity
            case .failure(.fault(let fault)) where fault.kind == .invalid:
                // A plug-in that cannot say what it declares without an option names it.
                guard let name = fault.field.map(Self.name), told[name] == nil, let value = options[name] else {
                    throw .option(plugin: plugin, fault)
                }
                told[name] = value
            case .failure(let error):
                throw .noIntroduction(plugin: plugin, error)
            }
        }
    }

    /// `options.state` and `state` are both ways to name an option.
    private static func name(_ field: String) -> String { field.hasPrefix("options.") ? String(field.dropFirst(8)) : field }
}
