import Foundation
import Identifiers
import Provider
import Store
import TestSupport
import Testing

/// Lists of audit events over archives and the database.
@Suite struct AuditLists {
    private static let account = AccountID.random()

    /// 30 events; 1 to 8 and 9 to 20 are archived, which is two more. Each third is of an account.
    private func withArchives(_ body: (Store) async throws -> Void) async throws {
        try await withStore { store, _ in
            for number in 1...30 {
                try await store.write { transaction in
                    try transaction.audit(
                        actor: .provider("root"), action: "test.do", subject: "thing-\(number)",
                        account: number.isMultiple(of: 3) ? Self.account : nil)
                }
            }
            for last in [8, 20] { _ = try await store.archiveAudit(through: Int64(last), by: .daemon("audit")) }
            try await body(store)
        }
    }

    private func all(_ store: Store, _ account: AccountID?, _ order: AuditOrder, limit: Int) async throws -> [Int64] {
        var sequences: [Int64] = []
        var after: String?
        for _ in 0..<100 {
            let page = try await store.auditEvents(account: account, order, PageRequest(limit: limit, after: after))
            #expect(page.elements.count <= limit)
            sequences += page.elements.map(\.sequence)
            guard let next = page.next else { return sequences }
            after = next
        }
        Issue.record("the list does not end")
        return sequences
    }

    @Test(arguments: [1, 3, 7, 12, 100])
    func `every event comes once, from either end, whatever a page holds`(limit: Int) async throws {
        try await withArchives { store in
            let own = Array(stride(from: Int64(3), through: 30, by: 3))
            for (account, expected) in [(nil, Array(1...32)), (Self.account, own)] as [(AccountID?, [Int64])] {
                let forwards = try await all(store, account, .oldestFirst, limit: limit)
                #expect(forwards == expected)
                let backwards = try await all(store, account, .newestFirst, limit: limit)
                #expect(backwards == expected.reversed())
            }
        }
    }

    @Test func `an archived event is as it was`() async throws {
        try await withArchives { store in
            let event = try #require(try await store.auditEvents(.oldestFirst, PageRequest(limit: 1, after: "8")).elements.first)
            #expect(event.sequence == 9 && event.subject == "thing-9" && event.accountID == Self.account && event.action == "test.do")
        }
    }

    @Test func `what is no key of a page is refused`() async throws {
        try await withArchives { store in
            for order in [AuditOrder.oldestFirst, .newestFirst] {
                for after in ["nonsense", "-1", ""] {
                    await #expect(throws: PageError.cursor(after)) { try await store.auditEvents(order, PageRequest(after: after)) }
                }
            }
        }
    }

    @Test func `an archive that is lost or cut short is named`() async throws {
        try await withArchives { store in
            let path = "\(store.directory.auditPath)/audit-000000000001-000000000008.jsonl"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.split(separator: "\n").prefix(4).joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
            await #expect(throws: AuditFault.self) { try await store.auditEvents(.oldestFirst, PageRequest(limit: 8)) }
            try FileManager.default.removeItem(atPath: path)
            let error = await #expect(throws: AuditFault.self) { try await store.auditEvents(.oldestFirst, PageRequest(limit: 8)) }
            #expect(error?.description.contains("audit-000000000001-000000000008.jsonl") == true)
            // What does not need it is listed.
            #expect(try await store.auditEvents(.newestFirst, PageRequest(limit: 20)).elements.count == 20)
        }
    }
}
