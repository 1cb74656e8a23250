import Identifiers
import Provider
import Store
import TestSupport
import Testing

@Suite struct Paging {
    @Test func `the pages of a list have every entry once, in order`() async throws {
        try await withStore { store, _ in
            try await store.write { transaction in
                for number in 0..<25 { _ = try transaction.createAccount(name: Name("Account \(number)"), by: .provider("root")) }
            }
            var found: [String] = []
            var after: String?
            var sizes: [Int] = []
            repeat {
                let request = PageRequest(limit: 10, after: after)
                let page = try await store.read { try $0.accounts(request) }
                found += page.elements.map(\.id.text)
                sizes.append(page.elements.count)
                after = page.next
            } while after != nil
            #expect(sizes == [10, 10, 5])
            #expect(found == found.sorted())
            #expect(Set(found).count == 25)
        }
    }

    @Test func `a page that ends the list says so, and one past its end is empty`() async throws {
        try await withStore { store, _ in
            try await store.write { _ = try $0.createAccount(name: Name("One"), by: .provider("root")) }
            let page = try await store.read { try $0.accounts(PageRequest(limit: 1)) }
            #expect(page.next == nil)
            let past = try await store.read { try $0.accounts(PageRequest(limit: 1, after: "\u{10FFFF}")) }
            #expect(past.elements.isEmpty)
        }
    }

    @Test(arguments: [(0, 1), (-5, 1), (100, 100), (1_000_000, 1_000)])
    func `a limit is brought within 1 and 1000`(asked: Int, kept: Int) {
        #expect(PageRequest(limit: asked).limit == kept)
    }

    /// A page costs the same however long the list is when an index leads to its first row and gives its order.
    @Test(arguments: [
        "SELECT * FROM accounts WHERE id > ? ORDER BY id LIMIT ?",
        "SELECT * FROM domains WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
        "SELECT * FROM users WHERE users.account_id = ? AND users.id > ? ORDER BY users.id LIMIT ?",
        "SELECT * FROM enrolment_tokens WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
        "SELECT * FROM pads WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
        "SELECT * FROM audit_events WHERE account_id = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        "SELECT * FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT ?",
    ])
    func `a page is found by an index, and never sorted`(sql: String) async throws {
        try await withStore { store, _ in
            let plan = try await store.read { transaction in
                try transaction.rows("EXPLAIN QUERY PLAN " + sql, values: sql.filter { $0 == "?" }.map { _ in .null })
                    .map { try $0.text("detail") }
            }
            #expect(plan.count == 1)
            #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }

    /// Counted in steps of SQLite's machine, not in time.
    @Test func `a page in the middle of 20,000 rows costs what one of 200 does`() async throws {
        var costs: [Int64] = []
        let sql = "SELECT * FROM accounts WHERE id > ? ORDER BY id LIMIT ?"
        for size in [200, 20_000] {
            try await withStore { store, _ in
                let steps = try await store.write { transaction in
                    for number in 0..<size {
                        try transaction.execute(
                            "INSERT INTO accounts (id, name, state, created_at) VALUES (?, ?, 'open', 0)", "account-\(1_000_000 + number)",
                            "Name \(number)")
                    }
                    let page = try transaction.accounts(PageRequest(limit: 50, after: "account-\(1_000_000 + size / 2)"))
                    guard page.elements.count == 50 else { return Int64(-1) }
                    return try transaction.integer("SELECT nstep FROM sqlite_stmt WHERE sql = ?", sql) ?? -2
                }
                costs.append(steps)
            }
        }
        #expect(costs[0] == costs[1])
        #expect(costs[0] > 0)
    }
}
