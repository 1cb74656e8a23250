import ControllerAPI
import Daemons
import Files
import Foundation
import Glibc
import Hummingbird
import Logging
import PluginProtocol
import Provider
import Sealing
import ServiceLifecycle
import Store
import UnixSignals

/// A whole controller on one data directory: opened by `init`, running in `run`.
package struct Controller: Sendable {
    private let parts: ControllerParts
    private let policy: ProviderPolicy
    /// Held as long as this value lives: no other controller runs on the directory.
    private let lock: FileLock

    /// Opens everything. Throws what the reader of the message can mend: `StoreError`, `ControllerKeysError`, `DataDirectoryError`,
    /// `CompositionError`.
    package init(configuration: ControllerConfiguration, hasher: any PasswordHasher = ScryptHasher(), logger: Logger) async throws {
        var groupID: UInt32?
        if let group = configuration.providerGroup {
            guard let found = UserDatabase.identifier(ofGroup: group) else { throw CompositionError.noSuchGroup(group) }
            groupID = found
        }
        policy = ProviderPolicy(ownUserID: geteuid(), groupID: groupID)
        let directory = DataDirectory(configuration.dataDirectory)
        guard access(directory.databasePath, F_OK) == 0 else {
            guard errno != ENOENT, errno != ENOTDIR else { throw StoreError.missing(path: directory.databasePath) }
            throw FileError.system(operation: "open", path: directory.databasePath, errno: errno)
        }
        lock = try directory.lock()
        let store = try await Store(directory: directory)
        let keys = try ControllerKeys.load(from: directory.keysPath)
        let authentication = Authentication(store: store, hasher: hasher)
        let holder = KeyHolder(keys)
        let metrics = MetricRegistry()
        var intakeConfiguration = IntakeConfiguration()
        intakeConfiguration.version = ControllerVersion.text
        let intake = Intake(
            store: store, keys: keys, authentication: authentication, configuration: intakeConfiguration, logger: logger, metrics: metrics)
        parts = ControllerParts(
            configuration: configuration, directory: directory, store: store, authentication: authentication, keys: holder,
            rotation: KeyRotation(
                keys: holder, path: directory.keysPath, store: store, intake: intake, logger: logger, metrics: metrics),
            intake: intake,
            discovery: Discovery(
                store: store, finder: PluginFinder(configured: configuration.pluginPath), logger: logger, metrics: metrics),
            blocking: BlockingWork(), refusals: RefusalAudit(store: store, logger: logger), metrics: metrics,
            startedAt: Store.systemClock(), logger: logger)
    }

    /// Serves until a signal comes or the task is cancelled; both stop it the same way: what is under way is ended first. `onReady` is
    /// called once, when requests are answered.
    package func run(signals: [UnixSignal] = [.sigterm, .sigint], onReady: @escaping @Sendable () -> Void) async throws {
        let socket = parts.configuration.socket
        try makeDirectories(socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "/", mode: 0o755)
        try SocketPath.clear(socket)
        let backups = "\(parts.directory.path)/.backup"
        if FileManager.default.fileExists(atPath: backups) { try FileManager.default.removeItem(atPath: backups) }
        try await takeUpPads()
        let handlers = Handlers(parts: parts)
        let policy = policy
        let logger = parts.logger
        let connections = PeerConnections(policy: policy)
        let application = Application(
            responder: APIResponder(
                policy: policy, store: parts.store, refusals: parts.refusals, meter: RequestMeter(parts.metrics), logger: logger
            ) {
                try await handlers.handle($0)
            },
            server: .http1(
                configuration: .init(additionalChannelHandlers: [PeerConnectionHandler(connections)], idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket)),
            onServerRunning: { _ in
                do {
                    try SocketPath.open(socket)
                    onReady()
                } catch {
                    logger.critical("\(error)")
                }
            },
            logger: logger)
        var services: [any Service] = [
            parts.intake, parts.discovery, parts.rotation,
            AuditArchiving(store: parts.store, logger: logger, metrics: parts.metrics), parts.refusals, application,
        ]
        if let address = parts.configuration.metricsListen {
            services.append(
                MetricsListener(address: address, answer: MetricsAnswer(registry: parts.metrics, parts: parts), logger: logger))
        }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(7)
        defer { unlink(socket) }
        let serviceGroup = ServiceGroup(configuration: group)
        // In a task of its own: a cancelled server would drop connections that it has accepted and not yet looked at.
        let running = Task { try await serviceGroup.run() }
        let result = await withTaskCancellationHandler {
            await running.result
        } onCancel: {
            Task { await serviceGroup.triggerGracefulShutdown() }
        }
        try parts.store.close()
        try result.get()
    }

    /// Side by side: one that hangs holds up none of the others.
    private func takeUpPads() async throws {
        let pads = try await parts.store.read { try $0.activePads() }
        let intake = parts.intake
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, pad) in pads.enumerated() {
                if index >= 64 { try await group.next() }
                group.addTask { try await intake.addPad(pad) }
            }
            try await group.waitForAll()
        }
    }
}

/// Why a controller cannot be put together, beside what its parts say.
package enum CompositionError: Error, Equatable, Sendable, CustomStringConvertible {
    case noSuchGroup(String)

    package var description: String {
        switch self {
        case .noSuchGroup(let name):
            "providerGroup is \"\(name)\", and this machine has no such group; make it with `groupadd \(name)`, or name another"
        }
    }
}
