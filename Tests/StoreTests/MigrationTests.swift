import Identifiers
import Store
import TestSupport
import Testing

@Suite struct Migrations {
    private static let first = Migration(name: "0001-a", sql: "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;")
    private static let second = Migration(name: "0002-b", sql: "CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT; INSERT INTO b VALUES (7);")

    /// Opens a database with one list of migrations, then with another.
    private func reopen(_ before: [Migration], _ after: [Migration], _ body: (Store) async throws -> Void = { _ in }) async throws {
        try await withDataDirectory { directory in
            let engine = try SQLiteEngine.create(path: directory.databasePath)
            try await Store(engine: engine, directory: directory, migrations: before).close()
            let store = try await Store(directory: directory, migrations: after)
            try await body(store)
            try store.close()
        }
    }

    @Test func `a database is brought up to date when it is opened`() async throws {
        try await reopen([Self.first], [Self.first, Self.second]) { store in
            let id = try await store.read { try $0.integer("SELECT id FROM b") }
            #expect(id == 7)
        }
    }

    @Test func `a migration that was applied and reads otherwise is refused`() async throws {
        let error = await #expect(throws: StoreError.self) {
            try await reopen([Self.first], [Migration(name: "0001-a", sql: Self.first.sql + " ")])
        }
        #expect(error?.description.contains("migration 0001-a of the database") == true)
        #expect(error?.description.contains("install the version that wrote it") == true)
    }

    @Test func `a database that a newer version wrote is refused`() async throws {
        let error = await #expect(throws: StoreError.self) { try await reopen([Self.first, Self.second], [Self.first]) }
        #expect(error?.description.contains("written by a newer version of this program (it has 0002-b); install that version") == true)
    }

    @Test func `migrations in another order are refused`() async throws {
        await #expect(throws: StoreError.self) { try await reopen([Self.first, Self.second], [Self.second, Self.first]) }
    }

    @Test func `a migration that fails half-way leaves nothing of itself`() async throws {
        try await withDataDirectory { directory in
            let broken = Migration(name: "0002-b", sql: "CREATE TABLE b (id INTEGER) STRICT; CREATE TABLE nonsense (")
            let engine = try SQLiteEngine.create(path: directory.databasePath)
            await #expect(throws: StoreError.self) {
                try await Store(engine: engine, directory: directory, migrations: [Self.first, broken])
            }
            try engine.close()
            let store = try await Store(directory: directory, migrations: [Self.first, Self.second])
            #expect(try await store.read { try $0.integer("SELECT id FROM b") } == 7)
            try store.close()
        }
    }

    @Test func `names are in order and every reference has its table`() async throws {
        #expect(Migration.all.map(\.name) == Migration.all.map(\.name).sorted())
        try await withStore { store, _ in
            let lost = try await store.read { transaction in
                try transaction.rows(
                    """
                    SELECT t.name AS "from", f."table" AS "to" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
                    WHERE t.type = 'table' AND NOT EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.name = f."table")
                    """
                ).map { "\(try $0.text("from")) to \(try $0.text("to"))" }
            }
            #expect(lost == [])
        }
    }
}
