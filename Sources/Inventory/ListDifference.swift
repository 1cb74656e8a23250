import StrictJSON

/// What changed in one list: entries that came, entries of a known key that are different now, keys that went.
package struct ListDifference<Entry: InventoryEntry>: Equatable, Sendable {
    package let added: [Entry]
    package let changed: [Entry]
    package let removed: [String]

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

    /// No difference.
    package init() { (added, changed, removed) = ([], [], []) }

    /// Nil where a list has two entries of one key.
    package init?(from old: [Entry], to new: [Entry]) {
        guard let before = Self.byKey(old), let after = Self.byKey(new) else { return nil }
        added = new.filter { before[$0.key] == nil }
        changed = new.filter { entry in before[entry.key].map { $0 != entry } ?? false }
        removed = old.map(\.key).filter { after[$0] == nil }
    }

    /// Throws where an entry to change or remove is not there, or one to add is.
    package func applied(to list: [Entry], list name: String) throws(InventoryError) -> [Entry] {
        if isEmpty { return list }
        var entries: [String: Entry] = [:]
        for entry in list { entries[entry.key] = entry }
        for key in removed {
            guard entries.removeValue(forKey: key) != nil else { throw .noSuchEntry(list: name, key: key) }
        }
        for entry in changed {
            guard entries.updateValue(entry, forKey: entry.key) != nil else { throw .noSuchEntry(list: name, key: entry.key) }
        }
        for entry in added {
            guard entries.updateValue(entry, forKey: entry.key) == nil else { throw .entryExists(list: name, key: entry.key) }
        }
        return Array(entries.values).sortedByKey()
    }

    private static func byKey(_ list: [Entry]) -> [String: Entry]? {
        var result: [String: Entry] = [:]
        for entry in list {
            guard result.updateValue(entry, forKey: entry.key) == nil else { return nil }
        }
        return result
    }
}

extension ListDifference: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if !added.isEmpty { writer.member("added", array: added) }
            if !changed.isEmpty { writer.member("changed", array: changed) }
            if !removed.isEmpty { writer.member("removed", strings: removed) }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        added = try Inventory.entries("added", of: fields)
        changed = try Inventory.entries("changed", of: fields)
        removed = try fields.strings("removed", maximumCount: Inventory.maximumEntries, maximumLength: 8448)
    }
}
