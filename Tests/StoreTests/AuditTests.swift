import Files
import Foundation
import Identifiers
import Provider
import Store
import TestSupport
import Testing

@Suite struct AuditLog {
    private static let root = Actor.provider("root")

    /// A store with `count` events, each a second after the one before.
    private func withEvents(_ count: Int, _ body: (Store, ManualTime) async throws -> Void) async throws {
        try await withStore { store, time in
            for number in 1...count {
                try await store.write { transaction in
                    try transaction.audit(
                        actor: Self.root, action: "test.do", subject: "thing-\(number)", detail: "number=\(number)",
                        account: AccountID("account-\(number % 2)"))
                }
                time.advance(by: .seconds(1))
            }
            try await body(store, time)
        }
    }

    /// Changes the log behind the program's back, as somebody with the file could.
    private func tamper(_ store: Store, _ statements: String...) async throws {
        try await store.write { transaction in
            try transaction.execute("DROP TRIGGER IF EXISTS audit_events_stay")
            try transaction.execute("DROP TRIGGER IF EXISTS audit_events_leave_by_archive")
            for statement in statements { try transaction.execute(statement) }
        }
    }

    @Test func `events are numbered without gaps and their chain holds`() async throws {
        try await withEvents(12) { store, _ in
            let verification = try await store.verifyAudit()
            #expect(verification == AuditVerification(events: 12, archives: 0, fault: nil))
            let page = try await store.read { try $0.auditEvents(PageRequest(limit: 5, after: "3")) }
            #expect(page.elements.map(\.sequence) == [4, 5, 6, 7, 8])
            #expect(page.next == "8")
            let own = try await store.read { try $0.auditEvents(account: AccountID("account-1")) }
            #expect(own.elements.map(\.sequence) == [1, 3, 5, 7, 9, 11])
        }
    }

    @Test func `the canonical form of an event is as documented`() throws {
        let event = AuditEvent(
            sequence: 1, at: Timestamp(microseconds: 1_795_246_200_000_000), accountID: AccountID("account-a"), actor: "provider:root",
            action: "account.create", subject: "account-a", outcome: .done, detail: "name=\"Exämple\"", previous: AuditEvent.noPrevious)
        let expected =
            #"{"format":"quartermaster-audit/1","sequence":1,"at":1795246200000000,"accountID":"account-a","actor":"provider:root","#
            + #""action":"account.create","subject":"account-a","outcome":"done","detail":"name=\"Exämple\"","previous":""#
            + String(repeating: "0", count: 64) + #""}"#
        #expect(event.jsonText == expected)
    }

    @Test(arguments: [
        "at = at + 1", "account_id = 'account-x'", "account_id = NULL", "actor = 'provider:anna'", "action = 'test.undo'",
        "subject = 'thing-6'", "outcome = 'refused'", "detail = 'number=6'", "previous = zeroblob(32)", "hash = zeroblob(32)",
    ])
    func `a changed field is found, and its event named`(change: String) async throws {
        try await withEvents(9) { store, _ in
            try await tamper(store, "UPDATE audit_events SET \(change) WHERE sequence = 5")
            let verification = try await store.verifyAudit()
            #expect(verification.fault == .changed(sequence: 5, place: "the database"))
            #expect(verification.events == 4)
        }
    }

    @Test func `a removed, inserted, renumbered or cut-off event is found`() async throws {
        let cases: [([String], AuditFault)] = [
            (["DELETE FROM audit_events WHERE sequence = 5"], .gap(expected: 5, found: 6, place: "the database")),
            (["DELETE FROM audit_events WHERE sequence > 7"], .cutOff(last: 7, expected: 9)),
            (["DELETE FROM audit_events"], .cutOff(last: 0, expected: 9)),
            (
                ["DELETE FROM audit_events WHERE sequence = 5", "UPDATE audit_events SET sequence = 5 WHERE sequence = 6"],
                .changed(sequence: 5, place: "the database")
            ),
            (
                ["UPDATE audit_head SET sequence = 8", "DELETE FROM audit_events WHERE sequence = 9"],
                .broken(sequence: 8, place: "the database")
            ),
        ]
        for (statements, expected) in cases {
            try await withEvents(9) { store, _ in
                for statement in statements { try await tamper(store, statement) }
                let verification = try await store.verifyAudit()
                #expect(verification.fault == expected)
            }
        }
    }

    @Test func `an event forged with a hash of its own breaks the link after it`() async throws {
        try await withEvents(9) { store, _ in
            // Event 5 becomes event 4 renumbered, hash and all recomputed by somebody who knows the format.
            let other = AuditEvent(
                sequence: 5, at: Timestamp(seconds: 1), accountID: nil, actor: "provider:root", action: "test.do", subject: "forged",
                outcome: .done, detail: "",
                previous: try await store.read { try $0.row("SELECT hash FROM audit_events WHERE sequence = 4")?.blob("hash") } ?? [])
            let digest = try #require(Fingerprint(Hashes.sha256(other.jsonText)))
            try await tamper(store, "DELETE FROM audit_events WHERE sequence = 5")
            try await store.write { transaction in
                try transaction.execute(
                    "INSERT INTO audit_events VALUES (5, ?, NULL, ?, ?, 'forged', 'done', '', ?, ?)", other.at, other.actor, other.action,
                    other.previous, digest.bytes)
            }
            let verification = try await store.verifyAudit()
            #expect(verification.fault == .broken(sequence: 6, place: "the database"))
        }
    }

    @Test func `the database itself refuses to change or remove an event`() async throws {
        try await withEvents(2) { store, _ in
            for statement in ["UPDATE audit_events SET detail = ''", "DELETE FROM audit_events"] {
                await #expect(throws: StoreError.self) { try await store.write { try $0.execute(statement) } }
            }
            let verification = try await store.verifyAudit()
            #expect(verification.events == 2)
        }
    }

    @Test func `what outsiders write is cut and cleaned before it is entered`() async throws {
        try await withStore { store, _ in
            let event = try await store.write { transaction in
                try transaction.audit(
                    actor: .provider("ro\not\u{1B}"), action: "test.do", subject: "", outcome: .refused,
                    detail: "a\nb\u{0}" + String(repeating: "x", count: 10_000))
            }
            #expect(event.actor == "provider:root")
            #expect(event.subject == "-")
            #expect(event.detail.hasPrefix("a\u{FFFD}b\u{FFFD}xx"))
            #expect(event.detail.unicodeScalars.count == 4_001)
            let verification = try await store.verifyAudit()
            #expect(verification.fault == nil)
        }
    }

    @Test func `archived stretches still verify, together with the table`() async throws {
        try await withEvents(20) { store, _ in
            let first = try await store.archiveAudit(through: 8, by: Self.root)
            #expect(first == "audit-000000000001-000000000008.jsonl")
            let second = try await store.archiveAudit(through: 15, by: Self.root)
            #expect(second == "audit-000000000009-000000000015.jsonl")
            // 20 events, and one for each archive.
            let verification = try await store.verifyAudit()
            #expect(verification == AuditVerification(events: 22, archives: 2, fault: nil))
            let left = try await store.read { try $0.auditEvents().elements.first?.sequence }
            #expect(left == 16)
            let mode = try FileManager.default.attributesOfItem(atPath: "\(store.directory.auditPath)/\(first ?? "")")[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let nothing = try await store.archiveAudit(through: 15, by: Self.root)
            #expect(nothing == nil)
        }
    }

    @Test func `a changed or lost archive is found, and the event or file named`() async throws {
        try await withEvents(9) { store, _ in
            let name = try #require(try await store.archiveAudit(through: 6, by: Self.root))
            let path = "\(store.directory.auditPath)/\(name)"
            let bytes = try readFile(path)
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = text.split(separator: "\n").map(String.init)
            let cases: [(String, AuditFault)] = [
                (text.replacingOccurrences(of: "number=3", with: "number=4"), .changed(sequence: 3, place: name)),
                (lines.filter { !$0.contains("thing-4") }.joined(separator: "\n"), .gap(expected: 4, found: 5, place: name)),
                (lines.dropLast().joined(separator: "\n"), .gap(expected: 6, found: 7, place: name)),
                ("", .lost(file: name, reason: "it is empty")),
                (
                    text.replacingOccurrences(of: "\"last\":6", with: "\"last\":7"),
                    .unreadable(place: name, number: 1, reason: "the first line is of another archive")
                ),
            ]
            for (changed, expected) in cases {
                try replaceFile(path, with: Array(changed.utf8))
                let verification = try await store.verifyAudit()
                #expect(verification.fault == expected)
            }
            try replaceFile(path, with: bytes)
            let whole = try await store.verifyAudit()
            #expect(whole.fault == nil)
            unlink(path)
            let lost = try await store.verifyAudit()
            #expect(lost.fault?.description.hasPrefix("the audit archive \(name) cannot be read") == true)
        }
    }

    @Test func `a stretch that does not verify is not archived`() async throws {
        try await withEvents(9) { store, _ in
            try await tamper(store, "UPDATE audit_events SET detail = 'x' WHERE sequence = 5")
            await #expect(throws: AuditFault.changed(sequence: 5, place: "the database")) {
                try await store.archiveAudit(through: 8, by: Self.root)
            }
            let count = try await store.read { try $0.integer("SELECT count(*) FROM audit_events") }
            #expect(count == 9)
        }
    }
}
