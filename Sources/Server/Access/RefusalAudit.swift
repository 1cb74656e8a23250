import Identifiers
import Logging
import Provider
import ServiceLifecycle
import Store
import Synchronization

/// Enters refused callers in the audit, as `RefusalLedger` says.
final class RefusalAudit: Service {
    private let store: Store
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let ledger = Mutex(RefusalLedger())

    init(store: Store, clock: @escaping @Sendable () -> Timestamp = Store.systemClock, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    func note(_ caller: CallerIdentity, action: String, subject: String, detail: String) async {
        let record = RefusalLedger.Record(
            key: RefusalLedger.Key(actor: caller.actor, action: action), accountID: caller.accountID, subject: subject, detail: detail)
        if let record = ledger.withLock({ [now = clock()] in $0.note(record, at: now) }) { await write([record]) }
    }

    /// Enters what was counted, every minute and at the end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Ends early when the controller stops.
                try? await Task.sleep(for: .seconds(60))
                await self.flush(all: Task.isCancelled)
            }
        }
    }

    func flush(all: Bool) async {
        let records = ledger.withLock { [now = clock()] in $0.due(at: now, all: all) }
        if !records.isEmpty { await write(records) }
    }

    /// What the database does not take is said in the log: the refusal itself holds in any case.
    private func write(_ records: [RefusalLedger.Record]) async {
        do {
            try await store.write { transaction in
                for record in records {
                    try transaction.audit(
                        actor: record.key.actor, action: record.key.action, subject: record.subject, outcome: .refused,
                        detail: record.detail, account: record.accountID)
                }
            }
        } catch {
            logger.error("refusals were not entered in the audit", metadata: ["reason": "\(error)", "count": "\(records.count)"])
        }
    }
}
