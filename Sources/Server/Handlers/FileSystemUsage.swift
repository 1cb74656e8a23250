import StrictJSON

/// A host's file systems with their latest usage: the inventory says which there are, later reports how full.
enum FileSystemUsage {
    static func latest(inventory: JSONValue?, usage: JSONValue?) -> [JSONValue]? {
        guard let known = inventory?["fileSystems"]?.arrayValue else { return usage?.arrayValue }
        guard let measured = usage?.arrayValue else { return known }
        let byMountPoint = Dictionary(
            measured.compactMap { entry in entry["mountPoint"]?.stringValue.map { ($0, entry) } }
        ) { $1 }
        return known.map { entry in
            guard case .object(var object) = entry, let mountPoint = object["mountPoint"]?.stringValue,
                let latest = byMountPoint[mountPoint]?.objectValue
            else { return entry }
            for member in latest.members { object[member.key] = member.value }
            return .object(object)
        }
    }
}
