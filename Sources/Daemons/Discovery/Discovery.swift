import Identifiers
import Logging
import Metrics
import PluginProtocol
import Provider
import ServiceLifecycle
import Store

/// The daemon that looks at storage systems through plug-ins, each in a task of its own and at its own interval, and records what changed.
package actor Discovery: Service {
    private struct Watched {
        let watch: SystemWatch
        let task: Task<Void, Never>
    }

    private let store: Store
    private let finder: PluginFinder
    private let limits: PluginLimits
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let passes: PassMeter
    private var watched: [SystemID: Watched] = [:]
    private var isStopped = false

    /// How long plug-ins may take to end when the controller stops; it itself has 10 s.
    private static let graceAtShutdown: Duration = .seconds(3)

    package init(
        store: Store, finder: PluginFinder, limits: PluginLimits = PluginLimits(), clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger, metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.store = store
        self.finder = finder
        self.limits = limits
        self.clock = clock
        self.logger = logger
        passes = PassMeter(daemon: "discovery", metrics: metrics)
    }

    /// Watches every system that the database knows, and those added later, until the service is shut down or the task cancelled; then ends
    /// their plug-ins.
    package func run() async throws {
        for system in try await store.read({ try $0.discoveredSystems() }) { start(system) }
        // Ends by either; both mean the same here.
        do { try await gracefulShutdown() } catch {}
        await stop()
    }

    /// Adds a storage system: finds its plug-in, lets it introduce itself, and looks at the rest from then on.
    ///
    /// - Parameter shown: names of options that others may have seen; a secret one among them is refused.
    ///
    /// Throws `DiscoveryError`, and `StorageSystemError.exists` where the vendor and serial number are known.
    package func add(
        plugin: String, options: [String: String], shown: Set<String> = [], interval: Duration = StorageSystem.defaultInterval,
        by actor: Actor
    ) async throws -> StorageSystem {
        guard StorageSystem.intervals.contains(interval) else { throw StorageSystemError.badInterval(interval) }
        guard !isStopped else { throw DiscoveryError.noIntroduction(plugin: plugin, .stopped) }
        let path = try find(plugin)
        let id = SystemID.random()
        let log = log(of: id, plugin)
        let declaration = try await PluginDeclaration(path: path, plugin: plugin, limits: limits, log: log).check(options)
        if let secret = declaration.options.first(where: { $0.isSecret && shown.contains($0.name) }) {
            throw DiscoveryError.option(
                plugin: plugin,
                .invalid(
                    secret.name,
                    "is secret, and stood in the arguments of a command, where others see it: change it, and give it by --secret-file"))
        }
        let process = PluginProcess(path: path, options: options, limits: limits, log: log)
        do {
            let introduction: PluginSystem
            do throws(PluginCallError) {
                introduction = try await PluginClient(process).system()
            } catch {
                throw DiscoveryError.noIntroduction(plugin: plugin, error)
            }
            let system = StorageSystem(
                systemID: id, plugin: plugin, identity: StorageSystemIdentity(introduction), interval: interval,
                addedAt: Store.systemClock())
            let secrets = Set(declaration.options.filter(\.isSecret).map(\.name))
            let added = try await store.write { transaction in
                try transaction.addStorageSystem(system, options: options, secretOptions: secrets, by: actor)
                return try transaction.storageSystem(id) ?? system
            }
            watch(added) { process }
            return added
        } catch {
            await process.stop(grace: .seconds(1))
            throw error
        }
    }

    /// Looks at a system now; what changed is recorded when this returns.
    @discardableResult
    package func refresh(_ id: SystemID) async throws -> StorageSystem {
        guard let system = try await store.read({ try $0.storageSystem(id) }) else { throw StorageSystemError.unknown(id) }
        if case .removed = system.state { throw StorageSystemError.removed(id) }
        if watched[id] == nil, !isStopped { start(system) }
        guard let watch = watched[id]?.watch else {
            throw DiscoveryError.unreachable(id, .stopped)
        }
        try await watch.refresh()
        return try await store.read { try $0.storageSystem(id) } ?? system
    }

    /// Ends the plug-in; what was associated with the system's volumes is recomputed. The record stays.
    package func remove(_ id: SystemID, by actor: Actor) async throws -> StorageSystem {
        guard try await store.read({ try $0.storageSystem(id) }) != nil else { throw StorageSystemError.unknown(id) }
        let removed = try await store.write { try $0.removeStorageSystem(id, by: actor) }
        if let entry = watched.removeValue(forKey: id) {
            entry.task.cancel()
            await entry.watch.stop(grace: nil)
        }
        return removed
    }

    /// Looks that are under way, and looks that wait for one.
    package var queues: [QueueLength] {
        get async {
            var (looks, waiting) = (0, 0)
            for entry in watched.values {
                let load = await entry.watch.load
                looks += load.looks
                waiting += load.waiting
            }
            return [
                QueueLength(daemon: "discovery", queue: "passes", length: looks),
                QueueLength(daemon: "discovery", queue: "waiting", length: waiting),
            ]
        }
    }

    /// Ends every plug-in, all at a time; none is started after.
    package func stop() async {
        isStopped = true
        let all = watched.values
        watched = [:]
        for entry in all { entry.task.cancel() }
        await withDiscardingTaskGroup { group in
            for entry in all { group.addTask { await entry.watch.stop(grace: Self.graceAtShutdown) } }
        }
    }

    /// Watches a system that the database knows; its plug-in is found and started by the first look.
    private func start(_ system: StorageSystem) {
        guard watched[system.systemID] == nil else { return }
        let (id, plugin, store, finder, limits) = (system.systemID, system.plugin, store, finder, limits)
        let log = log(of: id, plugin)
        watch(system) {
            let path: String
            do throws(PluginFinder.Failure) { path = try finder.find(plugin) } catch { throw DiscoveryError.plugin(error) }
            let options = try await store.read { try $0.storageSystemOptions(id, includingSecrets: true) }
            return PluginProcess(path: path, options: options, limits: limits, log: log)
        }
    }

    private func watch(_ system: StorageSystem, connect: @escaping @Sendable () async throws -> PluginProcess) {
        let watch = SystemWatch(id: system.systemID, store: store, logger: logger, passes: passes, connect: connect)
        let (interval, clock) = (system.interval, clock)
        watched[system.systemID] = Watched(watch: watch, task: Task { await watch.run(every: interval, clock: clock) })
    }

    private func find(_ plugin: String) throws(DiscoveryError) -> String {
        do throws(PluginFinder.Failure) { return try finder.find(plugin) } catch { throw .plugin(error) }
    }

    private func log(of id: SystemID, _ plugin: String) -> @Sendable (String) -> Void {
        let logger = logger
        return { line in logger.info("\(line)", metadata: ["system": "\(id)", "plugin": "\(plugin)"]) }
    }
}
