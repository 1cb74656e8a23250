extension Migration {
    /// Which version of the controller kept a host's facts without knowing all of them: a later one asks for them again.
    static let partialInventories = Migration(
        name: "0008-partial-inventories",
        sql: "ALTER TABLE host_inventories ADD COLUMN partial_reader TEXT;")
}
