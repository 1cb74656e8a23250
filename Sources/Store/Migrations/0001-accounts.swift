extension Migration {
    /// Customers and what they agreed to, who may do what, pads, failed guesses, and the audit log.
    static let accounts = Migration(
        name: "0001-accounts",
        sql: """
            -- Times are microseconds since 1970 in UTC, sizes bytes, durations microseconds. IDs are opaque text.

            -- This controller. `epoch` only grows: a restore takes one larger than any before.
            CREATE TABLE controller (
              singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
              id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
              epoch INTEGER NOT NULL CHECK (epoch >= 1),
              created_at INTEGER NOT NULL
            ) STRICT;

            -- A customer's record. A closed one stays.
            CREATE TABLE accounts (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
              state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
              created_at INTEGER NOT NULL,
              closed_at INTEGER,
              CHECK ((state = 'closed') = (closed_at IS NOT NULL))
            ) STRICT, WITHOUT ROWID;

            -- What was agreed, one row for each revision; the highest is in force, the others are history.
            CREATE TABLE contracts (
              account_id TEXT NOT NULL REFERENCES accounts (id),
              revision INTEGER NOT NULL CHECK (revision >= 1),
              service_level INTEGER NOT NULL CHECK (service_level BETWEEN 1 AND 3),
              -- NULL: as much as there is
              capacity_bytes INTEGER CHECK (capacity_bytes >= 0),
              currency TEXT NOT NULL CHECK (length(currency) = 3),
              starts_at INTEGER NOT NULL,
              -- NULL: until it is ended
              ends_at INTEGER CHECK (ends_at > starts_at),
              agreed_at INTEGER NOT NULL,
              PRIMARY KEY (account_id, revision)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE contract_tiers (
              account_id TEXT NOT NULL,
              revision INTEGER NOT NULL,
              tier TEXT NOT NULL CHECK (length(tier) BETWEEN 1 AND 64),
              capacity_bytes INTEGER CHECK (capacity_bytes >= 0),
              PRIMARY KEY (account_id, revision, tier),
              FOREIGN KEY (account_id, revision) REFERENCES contracts (account_id, revision)
            ) STRICT, WITHOUT ROWID;

            -- Prices in millionths of the contract's currency for one unit of the item.
            CREATE TABLE contract_rates (
              account_id TEXT NOT NULL,
              revision INTEGER NOT NULL,
              item TEXT NOT NULL CHECK (length(item) BETWEEN 1 AND 64),
              unit TEXT NOT NULL CHECK (length(unit) BETWEEN 1 AND 64),
              amount_millionths INTEGER NOT NULL CHECK (amount_millionths >= 0),
              PRIMARY KEY (account_id, revision, item),
              FOREIGN KEY (account_id, revision) REFERENCES contracts (account_id, revision)
            ) STRICT, WITHOUT ROWID;

            -- A customer's named group of hosts, with its own administrators.
            CREATE TABLE domains (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              account_id TEXT NOT NULL REFERENCES accounts (id),
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
              created_at INTEGER NOT NULL,
              UNIQUE (account_id, name),
              UNIQUE (account_id, id)
            ) STRICT, WITHOUT ROWID;

            -- A login in a domain, with one role. `password_hash` names its parameters; NULL: no password opens it.
            CREATE TABLE users (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              account_id TEXT NOT NULL,
              domain_id TEXT NOT NULL,
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
              role TEXT NOT NULL CHECK (role IN ('provider-admin', 'customer-admin', 'domain-admin', 'server-admin', 'end-user')),
              password_hash TEXT CHECK (length(password_hash) BETWEEN 1 AND 512),
              state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled')),
              created_at INTEGER NOT NULL,
              UNIQUE (domain_id, name),
              UNIQUE (account_id, id),
              FOREIGN KEY (account_id, domain_id) REFERENCES domains (account_id, id)
            ) STRICT, WITHOUT ROWID;

            -- The capacity that a customer-admin assigned to one server-admin; never exceeded.
            CREATE TABLE pools (
              user_id TEXT NOT NULL PRIMARY KEY,
              account_id TEXT NOT NULL,
              capacity_bytes INTEGER NOT NULL CHECK (capacity_bytes >= 0),
              used_bytes INTEGER NOT NULL DEFAULT 0 CHECK (used_bytes BETWEEN 0 AND capacity_bytes),
              FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX pools_account ON pools (account_id, user_id);

            -- Registers a fleet in place of a password. Only the SHA-256 of the token is kept: it has 256 random bits.
            CREATE TABLE enrolment_tokens (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              account_id TEXT NOT NULL,
              domain_id TEXT NOT NULL,
              digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
              use_limit INTEGER NOT NULL CHECK (use_limit >= 1),
              uses INTEGER NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND use_limit),
              created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL CHECK (expires_at > created_at),
              revoked_at INTEGER,
              made_by TEXT NOT NULL,
              UNIQUE (account_id, id),
              FOREIGN KEY (account_id, domain_id) REFERENCES domains (account_id, id)
            ) STRICT, WITHOUT ROWID;

            -- A scratch pad. `account_id` is NULL on a shared one.
            CREATE TABLE pads (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              directory TEXT NOT NULL CHECK (substr(directory, 1, 1) = '/'),
              account_id TEXT REFERENCES accounts (id),
              -- made by the next migration: the reference is looked up when a row is written
              system_id TEXT REFERENCES storage_systems (id),
              interval INTEGER NOT NULL CHECK (interval >= 1000),
              generation INTEGER NOT NULL CHECK (generation >= 1),
              state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
              created_at INTEGER NOT NULL,
              retired_at INTEGER,
              CHECK ((state = 'retired') = (retired_at IS NOT NULL))
            ) STRICT, WITHOUT ROWID;
            CREATE UNIQUE INDEX pads_directory ON pads (directory) WHERE state = 'active';
            CREATE INDEX pads_account ON pads (account_id, id);

            -- Wrong guesses, counted for each name that was claimed (known or not: SHA-256 of account, domain and user) and for each pad.
            CREATE TABLE authentication_failures (
              kind TEXT NOT NULL CHECK (kind IN ('user', 'pad')),
              subject BLOB NOT NULL CHECK (length(subject) = 32),
              failures INTEGER NOT NULL CHECK (failures >= 1),
              last_at INTEGER NOT NULL,
              PRIMARY KEY (kind, subject)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX authentication_failures_last ON authentication_failures (last_at);

            -- Who did what when. `hash` is the SHA-256 of the event's canonical JSON with `previous`, the hash of the event before it.
            CREATE TABLE audit_events (
              sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
              at INTEGER NOT NULL,
              account_id TEXT,
              actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 256),
              action TEXT NOT NULL CHECK (length(action) BETWEEN 1 AND 64),
              subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
              outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
              detail TEXT NOT NULL CHECK (length(detail) <= 4096),
              previous BLOB NOT NULL CHECK (length(previous) = 32),
              hash BLOB NOT NULL CHECK (length(hash) = 32)
            ) STRICT;
            CREATE INDEX audit_events_account ON audit_events (account_id, sequence) WHERE account_id IS NOT NULL;

            -- The last event's sequence and hash, so that a cut-off end shows.
            CREATE TABLE audit_head (
              singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
              sequence INTEGER NOT NULL CHECK (sequence >= 0),
              hash BLOB NOT NULL CHECK (length(hash) = 32)
            ) STRICT;
            INSERT INTO audit_head VALUES (1, 0, zeroblob(32));

            -- Stretches moved to files in the data directory's audit/.
            CREATE TABLE audit_archives (
              first_sequence INTEGER PRIMARY KEY CHECK (first_sequence >= 1),
              last_sequence INTEGER NOT NULL UNIQUE CHECK (last_sequence >= first_sequence),
              file TEXT NOT NULL UNIQUE,
              last_hash BLOB NOT NULL CHECK (length(last_hash) = 32),
              archived_at INTEGER NOT NULL
            ) STRICT;

            CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
            BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
            CREATE TRIGGER audit_events_leave_by_archive BEFORE DELETE ON audit_events
            WHEN NOT EXISTS (SELECT 1 FROM audit_archives WHERE OLD.sequence BETWEEN first_sequence AND last_sequence)
            BEGIN SELECT RAISE(ABORT, 'audit events are removed only after they were archived'); END;
            """)
}
