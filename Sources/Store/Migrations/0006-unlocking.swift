extension Migration {
    /// Guesses of known keys are counted by key, and an unlocking is remembered.
    static let unlocking = Migration(
        name: "0006-unlocking",
        sql: """
            CREATE TABLE authentication_failures_by_any_kind (
              kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 16),
              subject BLOB NOT NULL CHECK (length(subject) = 32),
              failures INTEGER NOT NULL CHECK (failures >= 1),
              last_at INTEGER NOT NULL,
              PRIMARY KEY (kind, subject)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO authentication_failures_by_any_kind SELECT kind, subject, failures, last_at FROM authentication_failures;
            DROP TABLE authentication_failures;
            ALTER TABLE authentication_failures_by_any_kind RENAME TO authentication_failures;
            CREATE INDEX authentication_failures_last ON authentication_failures (last_at);

            -- When an administrator unlocked the login last: for a time, only its own failures make it wait.
            ALTER TABLE users ADD COLUMN unlocked_at INTEGER;
            """)
}
