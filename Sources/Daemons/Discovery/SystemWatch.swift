import Identifiers
import Logging
import PluginProtocol
import Provider
import Store

/// Looks at one storage system, one look at a time: what differs from what was believed is written in one transaction.
actor SystemWatch {
    private let id: SystemID
    private let store: Store
    private let logger: Logger
    private let passes: PassMeter
    /// Finds the plug-in and makes its process, which starts with its first call.
    private let connect: @Sendable () async throws -> PluginProcess
    private var process: PluginProcess?
    private var current: Task<Void, any Error>?
    /// A look that has not begun: whoever asks now is served by it.
    private var waiting: Task<Void, any Error>?
    private var isStopped = false
    private var isLooking = false

    init(
        id: SystemID, store: Store, logger: Logger, passes: PassMeter, connect: @escaping @Sendable () async throws -> PluginProcess
    ) {
        self.id = id
        self.store = store
        self.logger = logger
        self.passes = passes
        self.connect = connect
    }

    /// Returns when a look that began after this call is written down.
    func refresh() async throws {
        if let waiting { return try await waiting.value }
        let previous = current
        let task = Task {
            _ = await previous?.result
            begin()
            try await pass()
        }
        waiting = task
        try await task.value
    }

    private func begin() {
        current = waiting
        waiting = nil
    }

    /// Looks at the interval until cancelled. Failures are logged once for each reason; the next look may do better.
    func run(every interval: Duration, clock: any Clock<Duration>) async {
        var lastFailure: String?
        while !Task.isCancelled, !isStopped {
            do {
                try await refresh()
                if lastFailure != nil { logger.notice("storage system is reachable again", metadata: metadata) }
                lastFailure = nil
            } catch {
                let text = "\(error)"
                if text != lastFailure, !Task.isCancelled, !isStopped { logger.warning("\(text)", metadata: metadata) }
                lastFailure = text
            }
            // Cancellation ends the wait, and the loop with it.
            do { try await clock.sleep(for: interval) } catch { return }
        }
    }

    /// Ends the process; looks under way fail.
    func stop(grace: Duration?) async {
        isStopped = true
        await process?.stop(grace: grace)
        _ = await current?.result
        _ = await waiting?.result
    }

    var load: (looks: Int, waiting: Int) { (isLooking ? 1 : 0, waiting == nil ? 0 : 1) }

    private func pass() async throws {
        let begun = passes.begin()
        isLooking = true
        defer { isLooking = false }
        do {
            try await look()
            passes.ended(begun, failed: false)
        } catch {
            // The controller's own stop is no failure of a look.
            if !isStopped { passes.ended(begun, failed: true) }
            throw error
        }
    }

    private func look() async throws {
        let id = id
        guard let system = try await store.read({ try $0.storageSystem(id) }) else { throw StorageSystemError.unknown(id) }
        if case .removed = system.state { throw StorageSystemError.removed(id) }
        let reported: ReportedView
        let previous: StorageSnapshot
        do {
            let client = PluginClient(try await connected())
            let introduction = try await client.system()
            let identity = StorageSystemIdentity(introduction)
            guard identity.isSameMachine(as: system.identity) else { throw anotherMachine(system.identity, identity) }
            previous = try await store.read { try $0.storageSnapshot(of: system) }
            reported = try await ReportedView(client: client, identity: introduction, previous: previous)
        } catch let error as PluginCallError {
            throw try await unreachable(.unreachable(id, error), "\(error)", nil)
        } catch let error as DiscoveryError {
            throw try await unreachable(error, "\(error)", SystemProblem(.system, nil, "\(error)"))
        }
        let review = SnapshotReview(reported: reported.snapshot, malformed: reported.malformed, previous: previous)
        let difference = SnapshotDifference(previous, review.snapshot)
        try await store.write { transaction in
            // Removed in between: what was seen no longer matters.
            guard let now = try transaction.storageSystem(id) else { return }
            if case .removed = now.state { return }
            try transaction.apply(difference, to: id)
            try transaction.markDiscovered(id, problems: review.problems)
        }
        if let first = review.problems.first {
            logger.warning(
                "storage system says what cannot be: \(first.object.rawValue) \(first.objectID ?? "") \(first.reason)",
                metadata: metadata.merging(["problems": "\(review.problems.count)"]) { $1 })
        }
    }

    private func connected() async throws -> PluginProcess {
        if let process { return process }
        let made = try await connect()
        guard !isStopped else { throw PluginCallError.stopped }
        process = made
        return made
    }

    private func anotherMachine(_ expected: StorageSystemIdentity, _ found: StorageSystemIdentity) -> DiscoveryError {
        func words(_ identity: StorageSystemIdentity) -> String { "\(identity.vendor) \(identity.serialNumber) (\(identity.reportedID))" }
        return .anotherMachine(id, expected: words(expected), found: words(found))
    }

    /// Writes down that the system cannot be looked at; hands the error back to be thrown.
    private func unreachable(_ error: DiscoveryError, _ reason: String, _ problem: SystemProblem?) async throws -> DiscoveryError {
        // The controller's own stop is no fault of the system's.
        if case .unreachable(_, .stopped) = error { return error }
        if case .unreachable(_, .cancelled) = error { return error }
        let id = id
        try await store.write { transaction in
            try transaction.markUnreachable(id, reason: reason)
            if let problem { try transaction.keepProblems(id, [problem]) }
        }
        return error
    }

    private var metadata: Logger.Metadata { ["system": "\(id)"] }
}
