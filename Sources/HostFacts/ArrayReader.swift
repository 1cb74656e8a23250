import Inventory

/// Reads an md array's directory (Documentation/admin-guide/md.rst): `md/level`, `md/array_state`, `md/dev-NAME/state`.
struct ArrayReader {
    let reader: FactReader

    func read(_ device: inout Inventory.BlockDevice, in directory: borrowing Directory) {
        let level = reader.text("md/level", "raidLevel", in: directory)?.lowercased()
        device.kind = level.map { $0.hasPrefix("raid") ? "raid" : $0 } ?? "md"
        device.raidLevel = level
        guard let md = reader.tree.directory("md", below: directory, listing: true) else { return }
        device.state = reader.text("array_state", "state", in: md).map(Self.state)
        var array = Inventory.RAIDArray()
        array.raidDisks = reader.parsed("raid_disks", "array", in: md, expected: "a number", Self.number)
        array.degraded = reader.parsed("degraded", "array", in: md, expected: "a number", FactText.decimal)
        let action = reader.text("sync_action", "array", in: md)
        array.syncAction = action == "idle" ? nil : action
        for name in reader.names(in: md, "array") where name.hasPrefix("dev-") {
            guard let member = reader.tree.directory(name, below: md) else { continue }
            array.members.append(
                Inventory.RAIDArray.Member(
                    device: String(name.dropFirst("dev-".count)), state: reader.text("state", "array", in: member),
                    slot: reader.parsed("slot", "array", in: member, expected: "a number or \"none\"", Self.slot) ?? nil))
        }
        if array != Inventory.RAIDArray() { device.array = array }
    }

    /// An array goes from clean to active with the first write, and back: both are told as `active`.
    static func state(_ word: String) -> String {
        switch word {
        case "clean", "active", "active-idle", "write-pending": "active"
        default: word
        }
    }

    /// While an array is reshaped: `4 (3)`.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var fields = Fields(bytes)
        return fields.next().flatMap(FactText.decimal)
    }

    private static func slot(_ bytes: UnsafeRawBufferPointer) -> Int64?? {
        if FactText.equal(bytes, "none") { return .some(nil) }
        return FactText.decimal(bytes).map { .some($0) }
    }
}
