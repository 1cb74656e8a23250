import Daemons
import Identifiers
import Logging
import Provider
import Store
import TestSupport
import Testing

@Suite struct ArchivingTheAuditLog {
    @Test func `events leave when enough of them are old, and the log still verifies`() async throws {
        try await withStore { store, time in
            var retention = AuditArchiving.Retention()
            retention.age = .seconds(1_000)
            retention.smallestStretch = 20
            let archiving = AuditArchiving(store: store, retention: retention, clock: time.clock, logger: Logger(label: "test"))
            func write(_ count: Int) async throws {
                try await store.write { transaction in
                    for number in 0..<count {
                        try transaction.audit(actor: .provider("root"), action: "test.do", subject: "\(number)")
                    }
                }
            }
            let before = try await archiving.archive()
            #expect(before == [])
            try await write(19)
            time.advance(by: .seconds(1_001))
            let tooFew = try await archiving.archive()
            #expect(tooFew == [])
            try await write(5)
            time.advance(by: .seconds(500))
            try await write(7)
            let young = try await archiving.archive()
            #expect(young == [])
            time.advance(by: .seconds(501))
            // 24 are old now; 7 stay, with the event that says that the rest went.
            let archived = try await archiving.archive()
            #expect(archived == ["audit-000000000001-000000000024.jsonl"])
            let left = try await store.read { try $0.auditEvents().elements.map(\.sequence) }
            #expect(left == Array(25...32))
            let verification = try await store.verifyAudit()
            #expect(verification == AuditVerification(events: 32, archives: 1, fault: nil))
        }
    }
}
