extension Migration {
    /// Logins that last, guesses counted for people on this machine, when instructions reach a pad and end, and an order of its own for every
    /// list.
    static let sessions = Migration(
        name: "0004-sessions",
        sql: """
            -- A login that lasts. Only the SHA-256 of its token is kept: it has 260 random bits. One that ended leaves no row.
            CREATE TABLE sessions (
              digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
              user_id TEXT NOT NULL REFERENCES users (id),
              created_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL CHECK (expires_at > created_at)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX sessions_user ON sessions (user_id, created_at);
            CREATE INDEX sessions_expiry ON sessions (expires_at);

            -- As before, and for each user of this machine who logs in.
            CREATE TABLE authentication_failures_by_kind (
              kind TEXT NOT NULL CHECK (kind IN ('user', 'pad', 'peer')),
              subject BLOB NOT NULL CHECK (length(subject) = 32),
              failures INTEGER NOT NULL CHECK (failures >= 1),
              last_at INTEGER NOT NULL,
              PRIMARY KEY (kind, subject)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO authentication_failures_by_kind SELECT kind, subject, failures, last_at FROM authentication_failures;
            DROP TABLE authentication_failures;
            ALTER TABLE authentication_failures_by_kind RENAME TO authentication_failures;
            CREATE INDEX authentication_failures_last ON authentication_failures (last_at);

            -- When the file of an instruction first lay on its pad, and the end after which no host carries it out.
            ALTER TABLE instructions ADD COLUMN delivered_at INTEGER;
            ALTER TABLE instructions ADD COLUMN expires_at INTEGER;
            ALTER TABLE instructions ADD COLUMN pad_id TEXT REFERENCES pads (id);
            CREATE INDEX instructions_open ON instructions (host_id, id) WHERE closed_at IS NULL;

            -- As before, with the account of the host, which never changes.
            CREATE TABLE initiator_claims_by_account (
              initiator TEXT NOT NULL CHECK (length(initiator) BETWEEN 1 AND 223),
              host_id TEXT NOT NULL REFERENCES hosts (id),
              account_id TEXT NOT NULL REFERENCES accounts (id),
              state TEXT NOT NULL CHECK (state IN ('standing', 'awaiting', 'rejected', 'withdrawn')),
              first_claimed_at INTEGER NOT NULL,
              claimed_at INTEGER NOT NULL,
              message_id TEXT NOT NULL,
              pad_id TEXT NOT NULL REFERENCES pads (id),
              on_account_pad INTEGER NOT NULL CHECK (on_account_pad IN (0, 1)),
              PRIMARY KEY (initiator, host_id)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO initiator_claims_by_account
              SELECT c.initiator, c.host_id, h.account_id, c.state, c.first_claimed_at, c.claimed_at, c.message_id, c.pad_id, c.on_account_pad
              FROM initiator_claims c JOIN hosts h ON h.id = c.host_id;
            DROP TABLE initiator_claims;
            ALTER TABLE initiator_claims_by_account RENAME TO initiator_claims;
            CREATE INDEX initiator_claims_host ON initiator_claims (host_id, initiator);
            CREATE INDEX initiator_claims_account ON initiator_claims (account_id, initiator, state);

            -- What a domain's administrator and whoever registered a host see, in the order of lists. Said to be unique, since an ID is: so the
            -- engine sees that what is joined to it stays in order.
            CREATE UNIQUE INDEX hosts_domain ON hosts (domain_id, id) WHERE domain_id IS NOT NULL;
            CREATE UNIQUE INDEX hosts_registrar ON hosts (registered_by, id);
            CREATE INDEX associations_account_volume ON associations (account_id, system_id, volume_id);
            CREATE INDEX users_domain ON users (domain_id, id);
            """)
}
