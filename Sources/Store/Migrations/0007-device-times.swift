extension Migration {
    /// Since when a host sees the devices that it sees, and by which message: an inventory that says the same again changes no evidence.
    static let deviceTimes = Migration(
        name: "0007-device-times",
        sql: """
            ALTER TABLE host_inventories ADD COLUMN devices_message_id TEXT;
            ALTER TABLE host_inventories ADD COLUMN devices_at INTEGER;
            UPDATE host_inventories SET devices_message_id = message_id, devices_at = reported_at;
            """)
}
