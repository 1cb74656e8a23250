extension Migration {
    /// How often a notification's cause was seen, which answers are reminders, and how long a host may be silent.
    static let notices = Migration(
        name: "0005-notices",
        sql: """
            -- How often it was seen since it was first said, when last, and when the audit was told last.
            ALTER TABLE notifications ADD COLUMN occurrences INTEGER NOT NULL DEFAULT 1 CHECK (occurrences >= 1);
            ALTER TABLE notifications ADD COLUMN last_at INTEGER;
            ALTER TABLE notifications ADD COLUMN audited_at INTEGER;
            ALTER TABLE notifications ADD COLUMN closed_by TEXT CHECK (length(closed_by) BETWEEN 1 AND 256);

            -- 1: says only that a message was not taken as it stands. A host that does not read it has missed nothing.
            ALTER TABLE host_replies ADD COLUMN is_reminder INTEGER NOT NULL DEFAULT 0 CHECK (is_reminder IN (0, 1));

            -- The host's word that it is heard at least once in so many seconds; NULL where it has not said.
            ALTER TABLE hosts ADD COLUMN heard_within INTEGER CHECK (heard_within BETWEEN 1 AND 1209600);

            -- The controller's numbers on messages are above this one after a start, whatever its clock says.
            ALTER TABLE controller ADD COLUMN message_number INTEGER NOT NULL DEFAULT 0 CHECK (message_number >= 0);
            """)
}
