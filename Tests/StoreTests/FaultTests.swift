import Dispatch
import Files
import Foundation
import Identifiers
import Provider
import Store
import TestSupport
import Testing

/// Each fault of the database is told apart, and its text says what to do.
@Suite struct DatabaseFaults {
    @Test(arguments: [(18, true), (20, true), (25, true), (19 | 1 << 8, false), (7, false), (1, false), (21, false)] as [(Int32, Bool)])
    func `only what a statement says itself is its own fault`(code: Int32, isOfOneStatement: Bool) {
        // TOOBIG, MISMATCH and RANGE are; CONSTRAINT has a case of its own; NOMEM, ERROR and MISUSE say nothing of the message at hand.
        #expect(StoreError.statement(code: code, message: "").isOfOneStatement == isOfOneStatement)
        #expect(StoreError.constraint(.check, subject: "").isOfOneStatement)
        #expect(!StoreError.inputOutput(path: "", detail: "").isOfOneStatement)
    }

    private func withClosedStore(_ body: (DataDirectory) async throws -> Void) async throws {
        try await withDataDirectory { directory in
            let store = try await Store.create(in: directory, controllerID: .random())
            try await store.write { transaction in
                for number in 0..<200 { _ = try transaction.createAccount(name: Name("Account \(number)"), by: .provider("root")) }
            }
            try store.close()
            try await body(directory)
        }
    }

    private func message(of directory: DataDirectory, _ options: SQLiteEngine.Options = SQLiteEngine.Options()) async -> String {
        do {
            try await Store(directory: directory, options: options).close()
            return "no error"
        } catch {
            return String(describing: error)
        }
    }

    @Test func `a missing database says how to make one`() async throws {
        try await withDataDirectory { directory in
            let text = await message(of: directory)
            #expect(text.hasPrefix("there is no database at \(directory.databasePath)"))
            #expect(text.contains("`quartermaster init`") && text.contains("`quartermaster restore`"))
        }
    }

    @Test func `a file that is no database says how to restore`() async throws {
        try await withClosedStore { directory in
            try replaceFile(
                directory.databasePath, with: Array("This is a letter, not a database. ".utf8) + [UInt8](repeating: 65, count: 8192))
            let text = await message(of: directory)
            #expect(text.contains("is not a database") && text.contains("`quartermaster restore BACKUP --data-directory DIR`"))
            try replaceFile(directory.databasePath, with: [])
            #expect(await message(of: directory).contains("is not a database"))
        }
    }

    @Test func `a damaged database is refused at the start and says how to restore`() async throws {
        try await withClosedStore { directory in
            var bytes = try readFile(directory.databasePath)
            // The header stays; every later page loses its first half.
            for page in 3..<bytes.count / 4096 { for offset in 0..<2048 { bytes[page * 4096 + offset] = 0xA5 } }
            try replaceFile(directory.databasePath, with: bytes)
            let text = await message(of: directory)
            #expect(text.contains("is damaged") && text.contains("Nothing was started") && text.contains("`quartermaster restore BACKUP"))
        }
    }

    @Test func `another program's database is refused`() async throws {
        try await withClosedStore { directory in
            let engine = try SQLiteEngine.open(path: directory.databasePath)
            try await engine.write { try $0.executeScript("PRAGMA application_id = 1") }
            try engine.close()
            #expect(await message(of: directory).contains("a database of another program"))
        }
    }

    @Test func `a database that others may read is refused`() async throws {
        try await withClosedStore { directory in
            chmod(directory.databasePath, 0o644)
            #expect(await message(of: directory).contains("its mode 644 lets others at it; run chmod 600 \(directory.databasePath)"))
        }
    }

    @Test func `a database that another process has locked says how to find it`() async throws {
        try await withClosedStore { directory in
            let other = try SQLiteEngine.open(path: directory.databasePath)
            var options = SQLiteEngine.Options()
            options.busyTimeout = .milliseconds(20)
            let store = try await Store(directory: directory, options: options)
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let gate = DispatchSemaphore(value: 0)
            async let hold: Void = other.write { _ in
                begin.yield()
                gate.wait()
            }
            for await _ in begun { break }
            await #expect(throws: StoreError.locked(path: directory.databasePath)) {
                try await store.write { try $0.createAccount(name: Name("Late"), by: .provider("root")) }
            }
            #expect(StoreError.locked(path: "/x").description.contains("`fuser /x`"))
            gate.signal()
            try await hold
            // When the lock is gone, writing works again.
            try await store.write { try $0.createAccount(name: Name("Late"), by: .provider("root")) }
            try other.close()
            try store.close()
        }
    }

    @Test func `a full database keeps nothing half-written, and goes on`() async throws {
        try await withClosedStore { directory in
            let store = try await Store(directory: directory)
            try await store.write { transaction in
                let pages = try transaction.integer("PRAGMA page_count") ?? 0
                _ = try transaction.rows("PRAGMA max_page_count = \(pages + 2)")
            }
            await #expect(throws: StoreError.full(path: directory.databasePath)) {
                try await store.write { transaction in
                    for number in 0..<2_000 { _ = try transaction.createAccount(name: Name("More \(number)"), by: .provider("root")) }
                }
            }
            let count = try await store.read { try $0.integer("SELECT count(*) FROM accounts") }
            #expect(count == 200)
            let verification = try await store.verifyAudit()
            #expect(verification.fault == nil)
            #expect(StoreError.full(path: "/x").description.contains("free space on its file system"))
            try store.close()
        }
    }

    @Test func `a part that fails is undone and the rest of the transaction stays`() async throws {
        struct Stop: Error {}
        try await withStore { store, _ in
            try await store.write { transaction in
                _ = try transaction.createAccount(name: Name("One"), by: .provider("root"))
                #expect(throws: Stop.self) {
                    try transaction.savepoint {
                        _ = try transaction.createAccount(name: Name("Two"), by: .provider("root"))
                        throw Stop()
                    }
                }
                #expect(throws: StoreError.self) {
                    try transaction.savepoint { try transaction.execute("INSERT INTO accounts VALUES ('x', 'One', 'open', 1, NULL)") }
                }
                _ = try transaction.savepoint { try transaction.createAccount(name: Name("Three"), by: .provider("root")) }
            }
            #expect(try await store.read { try $0.accounts().elements.map(\.name).sorted() } == ["One", "Three"])
            #expect(try await store.verifyAudit() == AuditVerification(events: 2, archives: 0, fault: nil))
        }
    }
}
