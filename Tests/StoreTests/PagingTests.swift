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
            let past = try await store.read { try $0.accounts(PageRequest(limit: 1, after: "account-zzz")) }
            #expect(past.elements.isEmpty)
        }
    }

    /// A script with a mangled cursor must not read that it has seen everything.
    @Test func `what no page of a list gave is refused, and said`() async throws {
        try await withStore { store, _ in
            let account = AccountID.random()
            let own = Reach.own(.random(), of: account)
            for after in ["bogus", "host-", "1", "[]", "association-0", "instruction-", #"["a"]"#, " "] {
                let request = PageRequest(after: after)
                let lists: [@Sendable (ReadTransaction) throws -> Void] = [
                    { _ = try $0.accounts(request) }, { _ = try $0.users(request) }, { _ = try $0.tokens(request) },
                    { _ = try $0.pads(account: account, request) }, { _ = try $0.storageSystems(request) },
                    { _ = try $0.associations(request) }, { _ = try $0.associations(within: own, request) },
                    { _ = try $0.initiators(request) }, { _ = try $0.notifications(request) },
                    { _ = try $0.instructions(of: .random(), request) }, { _ = try $0.volumes(request) },
                    { _ = try $0.masking(request) }, { _ = try $0.storageHistory(request) },
                ]
                for list in lists {
                    await #expect(throws: PageError.cursor(after)) { try await store.read { try list($0) } }
                }
            }
            // Another system's list.
            await #expect(throws: PageError.self) {
                try await store.read { _ = try $0.ports(system: .random(), PageRequest(after: #"["system-a","b"]"#)) }
            }
        }
    }

    @Test(arguments: [(0, 1), (-5, 1), (100, 100), (1_000_000, 1_000)])
    func `a limit is brought within 1 and 1000`(asked: Int, kept: Int) {
        #expect(PageRequest(limit: asked).limit == kept)
    }

    /// A page costs the same however long the list is when an index leads to its first row and gives its order. Every statement that the lists
    /// run is asked of SQLite itself, and its plan looked at.
    @Test func `every page of every list is found by an index, and never sorted`() async throws {
        try await withStore { store, _ in
            let plans = try await store.write { transaction in
                let account = AccountID.random()
                for account in [nil, account] {
                    let reach = account.map { Reach.account($0) } ?? .everything
                    _ = try transaction.domains(within: reach)
                    _ = try transaction.users(within: reach)
                    _ = try transaction.tokens(account: account)
                    _ = try transaction.pads(account: account)
                    _ = try transaction.auditEvents(account: account)
                    _ = try transaction.storedAuditEvents(account: account, .newestFirst, PageRequest())
                    _ = try transaction.hosts(within: reach)
                    _ = try transaction.associations(within: reach)
                    _ = try transaction.initiators(account: account)
                    for system in [nil, SystemID.random()] {
                        for isFirst in [true, false] {
                            func after(_ rest: String) -> PageRequest {
                                PageRequest(after: isFirst ? nil : "[\"\(system?.text ?? "a")\",\(rest)]")
                            }
                            _ = try transaction.volumes(system: system, account: account, after(#""b""#))
                            _ = try transaction.ports(system: system, account: account, after(#""b""#))
                            _ = try transaction.masking(
                                system: system, account: account, after(#""b","iqn.2026-11.com.example:a",1"#))
                            _ = try transaction.storageHistory(
                                system: system, account: account, PageRequest(after: isFirst ? nil : "[1]"))
                        }
                    }
                }
                for reach in [Reach.domain(.random(), name: "a", of: account), .own(.random(), of: account)] {
                    _ = try transaction.domains(within: reach)
                    _ = try transaction.users(within: reach)
                    _ = try transaction.hosts(within: reach)
                    _ = try transaction.associations(within: reach)
                }
                _ = try transaction.instructions(of: .random())
                _ = try transaction.latestInstructions(of: .random(), limit: 10)
                _ = try transaction.accounts()
                _ = try transaction.storageSystems()
                let statements = try transaction.rows(
                    "SELECT sql FROM sqlite_stmt WHERE sql LIKE '%LIMIT ?%' AND sql NOT LIKE '%sqlite_stmt%'"
                ).map { try $0.text("sql") }
                return try statements.map { sql in
                    let plan = try transaction.rows("EXPLAIN QUERY PLAN " + sql, values: Self.arguments(of: sql))
                    return (sql: sql, steps: try plan.map { try $0.text("detail") })
                }
            }
            #expect(plans.count >= 16)
            for (sql, steps) in plans {
                #expect(steps.first?.hasPrefix("SEARCH") == true, "\(sql)\n\(steps)")
                #expect(!steps.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(sql)\n\(steps)")
            }
        }
    }

    /// NULL for each parameter, numbered or not.
    private static func arguments(of sql: String) -> [SQLValue] {
        let numbers = (1...20).filter { sql.contains("?\($0)") }
        return Array(repeating: .null, count: numbers.max() ?? sql.count(where: { $0 == "?" }))
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
