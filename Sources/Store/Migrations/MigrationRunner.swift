import Identifiers
import Sealing

/// Brings a database up to the schema that this program knows, or refuses it. The database keeps each migration's name and the SHA-256 of its
/// statements.
struct MigrationRunner {
    let path: String
    let migrations: [Migration]

    /// Each missing migration is one transaction. Throws `StoreError.newerSchema` and `.changedMigration` before anything is written.
    func run(on engine: some DatabaseEngine, now: Timestamp) async throws {
        let (path, migrations) = (path, migrations)
        try await engine.write { connection in
            try connection.executeScript(
                """
                CREATE TABLE IF NOT EXISTS migrations (
                  position INTEGER PRIMARY KEY CHECK (position >= 1),
                  name TEXT NOT NULL UNIQUE,
                  checksum BLOB NOT NULL CHECK (length(checksum) = 32),
                  applied_at INTEGER NOT NULL
                ) STRICT
                """)
        }
        let applied = try await engine.read { connection in
            var applied: [(name: String, checksum: [UInt8])] = []
            try connection.forEachRow("SELECT name, checksum FROM migrations ORDER BY position", []) { row in
                applied.append((try row.text("name"), try row.blob("checksum")))
                return true
            }
            return applied
        }
        for (index, known) in applied.enumerated() {
            guard index < migrations.count else { throw StoreError.newerSchema(path: path, migration: known.name) }
            let migration = migrations[index]
            guard migration.name == known.name, digest(migration) == known.checksum else {
                throw StoreError.changedMigration(path: path, migration: known.name)
            }
        }
        for (index, migration) in migrations.enumerated().dropFirst(applied.count) {
            let checksum = digest(migration)
            try await engine.write { connection in
                try connection.executeScript(migration.sql)
                try connection.execute(
                    "INSERT INTO migrations (position, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
                    [.integer(Int64(index + 1)), .text(migration.name), .blob(checksum), .integer(now.microseconds)])
            }
        }
    }

    private func digest(_ migration: Migration) -> [UInt8] { SHA256.digest(Array(migration.sql.utf8)) }
}
