import Identifiers
import Logging
import Metrics
import Provider
import ServiceLifecycle
import Store

/// Moves what is old of the audit log to files that still verify, so that the database does not grow for ever.
package struct AuditArchiving: Service {
    /// Which events stay in the database.
    package struct Retention: Equatable, Sendable {
        /// How long an event stays at least.
        package var age: Duration = .seconds(90 * 86_400)
        /// A stretch shorter than this waits for the next time: few files, not many.
        package var smallestStretch: Int64 = 10_000

        package init() {}

        /// Up to which event to archive; nil: nothing yet. `first` is the oldest in the database, `firstYoung` the oldest that stays.
        func bound(first: Int64, firstYoung: Int64) -> Int64? {
            firstYoung - first >= max(smallestStretch, 1) ? firstYoung - 1 : nil
        }
    }

    private let store: Store
    private let retention: Retention
    private let interval: Duration
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let passes: PassMeter

    package init(
        store: Store, retention: Retention = Retention(), interval: Duration = .seconds(6 * 3_600),
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock, logger: Logger,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.store = store
        self.retention = retention
        self.interval = interval
        self.clock = clock
        self.logger = logger
        passes = PassMeter(daemon: "audit-archiving", metrics: metrics)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let begun = passes.begin()
                do {
                    for file in try await archive() { logger.info("audit events archived", metadata: ["file": "\(file)"]) }
                    passes.ended(begun, failed: false)
                } catch {
                    passes.ended(begun, failed: true)
                    logger.error("the audit log was not archived", metadata: ["reason": "\(error)"])
                }
                // Ends early when the controller stops.
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Archives all that is old enough; returns the names of the files that were written.
    package func archive() async throws -> [String] {
        let horizon = clock() - retention.age
        guard let span = try await store.read({ try $0.auditSpan(olderThan: horizon) }),
            let last = retention.bound(first: span.first, firstYoung: span.firstYoung)
        else { return [] }
        var files: [String] = []
        while let file = try await store.archiveAudit(through: last, by: .daemon("audit")) { files.append(file) }
        return files
    }
}
