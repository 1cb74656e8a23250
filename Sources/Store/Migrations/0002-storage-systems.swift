extension Migration {
    /// Storage systems, what they hold, who may see it, and what changed.
    static let storageSystems = Migration(
        name: "0002-storage-systems",
        sql: """
            -- A storage system. A removed one stays, for history and associations. Its own word of itself is what discovery last believed.
            CREATE TABLE storage_systems (
              id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
              plugin TEXT NOT NULL CHECK (length(plugin) BETWEEN 1 AND 63),
              reported_id TEXT NOT NULL CHECK (length(reported_id) BETWEEN 1 AND 256),
              name TEXT NOT NULL,
              vendor TEXT NOT NULL CHECK (length(vendor) >= 1),
              model TEXT NOT NULL,
              serial_number TEXT NOT NULL CHECK (length(serial_number) >= 1),
              firmware TEXT NOT NULL,
              health TEXT NOT NULL,
              capabilities TEXT NOT NULL CHECK (substr(capabilities, 1, 1) IN ('[', '{')),
              interval INTEGER NOT NULL CHECK (interval BETWEEN 1000000 AND 2592000000000),
              state TEXT NOT NULL CHECK (state IN ('active', 'unreachable', 'removed')),
              unreachable_since INTEGER,
              unreachable_reason TEXT,
              added_at INTEGER NOT NULL,
              last_discovery_at INTEGER,
              removed_at INTEGER,
              CHECK ((state = 'unreachable') = (unreachable_since IS NOT NULL)),
              CHECK ((state = 'unreachable') = (unreachable_reason IS NOT NULL)),
              CHECK ((state = 'removed') = (removed_at IS NOT NULL))
            ) STRICT, WITHOUT ROWID;
            CREATE UNIQUE INDEX storage_systems_machine ON storage_systems (vendor, serial_number) WHERE state <> 'removed';

            -- What its plug-in is told at its start. Secret values are nowhere else.
            CREATE TABLE storage_system_options (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
              value TEXT NOT NULL,
              secret INTEGER NOT NULL CHECK (secret IN (0, 1)),
              PRIMARY KEY (system_id, name)
            ) STRICT, WITHOUT ROWID;

            -- What the plug-in said last time that was not believed.
            CREATE TABLE storage_system_problems (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              position INTEGER NOT NULL CHECK (position >= 1),
              object TEXT NOT NULL,
              object_id TEXT,
              reason TEXT NOT NULL,
              since INTEGER NOT NULL,
              PRIMARY KEY (system_id, position)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE storage_pools (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              pool_id TEXT NOT NULL CHECK (length(pool_id) BETWEEN 1 AND 256),
              name TEXT NOT NULL,
              total_bytes INTEGER NOT NULL CHECK (total_bytes >= 0),
              free_bytes INTEGER NOT NULL CHECK (free_bytes BETWEEN 0 AND total_bytes),
              raid TEXT,
              tier TEXT,
              health TEXT NOT NULL,
              PRIMARY KEY (system_id, pool_id)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE storage_disks (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              disk_id TEXT NOT NULL CHECK (length(disk_id) BETWEEN 1 AND 256),
              name TEXT NOT NULL,
              size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
              pool_id TEXT,
              kind TEXT NOT NULL,
              role TEXT NOT NULL,
              health TEXT NOT NULL,
              PRIMARY KEY (system_id, disk_id)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE storage_ports (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              port_id TEXT NOT NULL CHECK (length(port_id) BETWEEN 1 AND 256),
              transport TEXT NOT NULL CHECK (transport IN ('fc', 'iscsi', 'nvme')),
              wwpn TEXT,
              iqn TEXT,
              nqn TEXT,
              portals TEXT NOT NULL CHECK (substr(portals, 1, 1) IN ('[', '{')),
              portal_group_tag INTEGER CHECK (portal_group_tag BETWEEN 0 AND 65535),
              speed_bits_per_second INTEGER CHECK (speed_bits_per_second >= 0),
              state TEXT NOT NULL,
              authentication TEXT,
              PRIMARY KEY (system_id, port_id)
            ) STRICT, WITHOUT ROWID;

            -- A volume. One that the system no longer has stays, with the time when that was seen.
            CREATE TABLE volumes (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              volume_id TEXT NOT NULL CHECK (length(volume_id) BETWEEN 1 AND 256),
              name TEXT NOT NULL,
              size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
              allocated_bytes INTEGER CHECK (allocated_bytes >= 0),
              pool_id TEXT,
              wwid TEXT NOT NULL CHECK (length(wwid) BETWEEN 1 AND 512),
              health TEXT NOT NULL,
              replica_of TEXT,
              replica_state TEXT,
              first_seen_at INTEGER NOT NULL,
              gone_at INTEGER,
              PRIMARY KEY (system_id, volume_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX volumes_wwid ON volumes (wwid) WHERE gone_at IS NULL;

            -- Who sees which volume: a WWPN, IQN or NQN in its normal form, or `*`.
            CREATE TABLE masking (
              system_id TEXT NOT NULL,
              volume_id TEXT NOT NULL,
              initiator TEXT NOT NULL CHECK (length(initiator) BETWEEN 1 AND 223),
              lun INTEGER NOT NULL CHECK (lun BETWEEN 0 AND 16383),
              port_ids TEXT NOT NULL CHECK (substr(port_ids, 1, 1) IN ('[', '{')),
              access TEXT NOT NULL CHECK (access IN ('rw', 'ro')),
              since INTEGER NOT NULL,
              PRIMARY KEY (system_id, volume_id, initiator, lun),
              FOREIGN KEY (system_id, volume_id) REFERENCES volumes (system_id, volume_id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX masking_initiator ON masking (initiator, system_id, volume_id) WHERE initiator <> '*';

            -- Who is logged in at which port; `address` is empty where it is not known, `reported_since` is the storage system's own word.
            CREATE TABLE storage_sessions (
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              initiator TEXT NOT NULL CHECK (length(initiator) BETWEEN 1 AND 223),
              port_id TEXT NOT NULL,
              address TEXT NOT NULL,
              reported_since INTEGER,
              since INTEGER NOT NULL,
              PRIMARY KEY (system_id, initiator, port_id, address)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX storage_sessions_initiator ON storage_sessions (initiator, system_id);

            -- What appeared, changed and went. `before` and `after` are JSON objects; of a change, only the members that differ.
            CREATE TABLE storage_history (
              sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
              at INTEGER NOT NULL,
              system_id TEXT NOT NULL REFERENCES storage_systems (id),
              object TEXT NOT NULL CHECK (object IN ('system', 'pool', 'disk', 'port', 'volume', 'masking', 'session')),
              object_id TEXT NOT NULL,
              change TEXT NOT NULL CHECK (change IN ('appeared', 'changed', 'went')),
              before TEXT CHECK (substr(before, 1, 1) IN ('[', '{')),
              after TEXT CHECK (substr(after, 1, 1) IN ('[', '{')),
              CHECK ((change = 'appeared') = (before IS NULL)),
              CHECK ((change = 'went') = (after IS NULL))
            ) STRICT;
            CREATE INDEX storage_history_system ON storage_history (system_id, sequence);
            """)
}
