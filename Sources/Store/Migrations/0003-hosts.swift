extension Migration {
    /// Hosts and their keys, what they said and were answered, which initiators they claim, and whose storage they use.
    static let hosts = Migration(
        name: "0003-hosts",
        sql: """
            -- A customer's machine. One that unregistered or was removed stays.
            CREATE TABLE hosts (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              account_id TEXT NOT NULL REFERENCES accounts (id),
              -- NULL on a host that was taken in again by its certificate, after a restore
              domain_id TEXT REFERENCES domains (id),
              -- The user whose password, or the token that registered it: `user:ID`, `token:ID`, `certificate`
              registered_by TEXT NOT NULL CHECK (length(registered_by) BETWEEN 1 AND 256),
              machine_id TEXT NOT NULL CHECK (length(machine_id) BETWEEN 1 AND 128),
              host_name TEXT NOT NULL CHECK (length(host_name) <= 255),
              cluster TEXT CHECK (length(cluster) BETWEEN 1 AND 256),
              level INTEGER NOT NULL CHECK (level BETWEEN 2 AND 4),
              agent_version TEXT NOT NULL CHECK (length(agent_version) <= 128),
              state TEXT NOT NULL CHECK (state IN ('registered', 'unregistered', 'suspended')),
              -- [{"transport", "wwpn"|"iqn"|"nqn"}] of its standing claims, for lists
              initiators TEXT NOT NULL CHECK (substr(initiators, 1, 1) IN ('[', '{')),
              registered_at INTEGER NOT NULL,
              last_report_at INTEGER NOT NULL,
              removed_at INTEGER,
              -- The provider lets a new key replace the present one at once, until this is cleared by one that does
              released_at INTEGER,
              UNIQUE (account_id, machine_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX hosts_account ON hosts (account_id, id);

            -- Whoever signed a message on a pad. `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo.
            CREATE TABLE host_keys (
              id INTEGER PRIMARY KEY,
              fingerprint BLOB NOT NULL UNIQUE CHECK (length(fingerprint) = 32),
              -- NULL as long as its registrations were refused
              host_id TEXT REFERENCES hosts (id),
              state TEXT NOT NULL CHECK (state IN ('stranger', 'active', 'superseded', 'revoked', 'ended')),
              -- The pad that it registered on: a host has a key for each of its pads
              pad_id TEXT REFERENCES pads (id),
              -- The last certificate seen or issued, DER: what replies and instructions are sealed for
              certificate BLOB NOT NULL,
              -- End of the certificate that the controller issued last
              certificate_ends_at INTEGER,
              first_heard_at INTEGER NOT NULL,
              CHECK ((state = 'stranger') = (host_id IS NULL)),
              CHECK ((state = 'stranger') = (pad_id IS NULL))
            ) STRICT;
            CREATE UNIQUE INDEX host_keys_active ON host_keys (host_id, pad_id) WHERE state = 'active';
            CREATE INDEX host_keys_host ON host_keys (host_id) WHERE host_id IS NOT NULL;
            CREATE INDEX host_keys_strangers ON host_keys (first_heard_at) WHERE state = 'stranger';

            -- What was heard of a key on a pad: the last number, the window of disorder, the IDs in it.
            CREATE TABLE message_sequences (
              key_id INTEGER NOT NULL REFERENCES host_keys (id) ON DELETE CASCADE,
              pad_id TEXT NOT NULL REFERENCES pads (id),
              window BLOB NOT NULL CHECK (length(window) BETWEEN 17 AND 2048),
              -- When a message was last accepted
              heard_at INTEGER NOT NULL,
              PRIMARY KEY (key_id, pad_id)
            ) STRICT, WITHOUT ROWID;

            -- What the controller answered or asked. The rows are the truth, the files on pads copies of them.
            CREATE TABLE host_replies (
              id INTEGER PRIMARY KEY,
              message_id TEXT NOT NULL CHECK (length(message_id) BETWEEN 1 AND 128),
              pad_id TEXT NOT NULL REFERENCES pads (id),
              key_id INTEGER NOT NULL REFERENCES host_keys (id) ON DELETE CASCADE,
              kind TEXT NOT NULL CHECK (kind IN ('reply', 'instruction')),
              -- NULL for an instruction
              in_reply_to TEXT CHECK (length(in_reply_to) BETWEEN 1 AND 128),
              -- The sealed message; empty once it was acknowledged
              sealed BLOB NOT NULL,
              made_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL CHECK (expires_at > made_at),
              acknowledged_at INTEGER,
              outcome TEXT CHECK (length(outcome) <= 64),
              detail TEXT CHECK (length(detail) <= 4096),
              CHECK ((kind = 'reply') = (in_reply_to IS NOT NULL)),
              UNIQUE (key_id, pad_id, in_reply_to)
            ) STRICT;
            CREATE INDEX host_replies_pending ON host_replies (pad_id, id) WHERE acknowledged_at IS NULL;
            CREATE INDEX host_replies_message ON host_replies (message_id);
            CREATE INDEX host_replies_expiry ON host_replies (expires_at);

            -- What the controller asks of hosts.
            CREATE TABLE instructions (
              id INTEGER PRIMARY KEY,
              host_id TEXT NOT NULL REFERENCES hosts (id),
              reply_id INTEGER UNIQUE REFERENCES host_replies (id) ON DELETE SET NULL,
              -- The instruction's body, JSON
              body TEXT NOT NULL CHECK (substr(body, 1, 1) IN ('[', '{')),
              actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 256),
              made_at INTEGER NOT NULL,
              outcome TEXT CHECK (length(outcome) <= 64),
              detail TEXT CHECK (length(detail) <= 4096),
              closed_at INTEGER
            ) STRICT;
            CREATE INDEX instructions_host ON instructions (host_id, id);

            -- The latest facts of each host, whole.
            CREATE TABLE host_inventories (
              host_id TEXT NOT NULL PRIMARY KEY REFERENCES hosts (id),
              digest BLOB NOT NULL CHECK (length(digest) = 32),
              -- Canonical JSON
              inventory BLOB NOT NULL,
              -- What bears on associations: a line for each logical unit, `wwid TAB initiator`
              devices TEXT NOT NULL,
              message_id TEXT NOT NULL,
              reported_at INTEGER NOT NULL
            ) STRICT;

            -- How full each host's file systems were when it last said so.
            CREATE TABLE host_usage (
              host_id TEXT NOT NULL PRIMARY KEY REFERENCES hosts (id),
              measured_at INTEGER NOT NULL,
              file_systems BLOB NOT NULL,
              message_id TEXT NOT NULL
            ) STRICT;

            -- A host's word that an initiator is its own.
            CREATE TABLE initiator_claims (
              initiator TEXT NOT NULL CHECK (length(initiator) BETWEEN 1 AND 223),
              host_id TEXT NOT NULL REFERENCES hosts (id),
              state TEXT NOT NULL CHECK (state IN ('standing', 'awaiting', 'rejected', 'withdrawn')),
              first_claimed_at INTEGER NOT NULL,
              claimed_at INTEGER NOT NULL,
              message_id TEXT NOT NULL,
              pad_id TEXT NOT NULL REFERENCES pads (id),
              on_account_pad INTEGER NOT NULL CHECK (on_account_pad IN (0, 1)),
              PRIMARY KEY (initiator, host_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX initiator_claims_host ON initiator_claims (host_id, initiator);

            -- The provider's word that an initiator is an account's.
            CREATE TABLE initiator_assignments (
              initiator TEXT NOT NULL PRIMARY KEY CHECK (length(initiator) BETWEEN 1 AND 223),
              account_id TEXT NOT NULL REFERENCES accounts (id),
              assigned_at INTEGER NOT NULL,
              actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 256)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX initiator_assignments_account ON initiator_assignments (account_id, initiator);

            -- Who uses what. Recomputed for the initiators that something changed for; a row that no longer follows becomes stale.
            CREATE TABLE associations (
              id INTEGER PRIMARY KEY,
              initiator TEXT NOT NULL,
              host_id TEXT REFERENCES hosts (id),
              account_id TEXT NOT NULL REFERENCES accounts (id),
              system_id TEXT,
              volume_id TEXT,
              volume_name TEXT,
              wwid TEXT,
              lun INTEGER,
              size_bytes INTEGER,
              state TEXT NOT NULL CHECK (state IN ('confirmed', 'declared', 'pending', 'conflict', 'stale')),
              note TEXT CHECK (length(note) <= 1024),
              conflicts_with TEXT REFERENCES hosts (id),
              -- [{"kind", "at", "source"}]
              evidence TEXT NOT NULL CHECK (substr(evidence, 1, 1) IN ('[', '{')),
              since INTEGER NOT NULL,
              CHECK ((system_id IS NULL) = (volume_id IS NULL)),
              CHECK ((state = 'conflict') OR (conflicts_with IS NULL))
            ) STRICT;
            CREATE UNIQUE INDEX associations_key ON associations (initiator, coalesce(host_id, ''), coalesce(system_id, ''), coalesce(volume_id, ''));
            CREATE INDEX associations_account ON associations (account_id, id);
            CREATE INDEX associations_host ON associations (host_id, id);
            CREATE INDEX associations_volume ON associations (system_id, volume_id) WHERE system_id IS NOT NULL;
            CREATE INDEX associations_conflict ON associations (conflicts_with, id) WHERE conflicts_with IS NOT NULL;

            -- What somebody should look at: alarms, and what customers' administrators are told. The same thing is said once until it is closed.
            CREATE TABLE notifications (
              id INTEGER PRIMARY KEY,
              at INTEGER NOT NULL,
              kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
              severity TEXT NOT NULL CHECK (severity IN ('notice', 'alarm')),
              -- NULL: the provider's alone
              account_id TEXT REFERENCES accounts (id),
              subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
              text TEXT NOT NULL CHECK (length(text) <= 4096),
              closed_at INTEGER
            ) STRICT;
            CREATE UNIQUE INDEX notifications_open ON notifications (kind, subject, coalesce(account_id, '')) WHERE closed_at IS NULL;
            CREATE INDEX notifications_account ON notifications (account_id, id);

            -- Files moved to a pad's quarantine, so that each is logged and counted once.
            CREATE TABLE pad_quarantine_counts (
              pad_id TEXT NOT NULL PRIMARY KEY REFERENCES pads (id),
              files INTEGER NOT NULL CHECK (files >= 0),
              last_at INTEGER NOT NULL,
              last_reason TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            """)
}
