import Identifiers
import StrictJSON

/// The facts of a host, as a registration carries them. Every list is sorted by its entries' keys, so that equal facts are equal bytes.
///
/// Shape: `{"format":"quartermaster-inventory/1","host":{…},"initiators":[…],"remotePorts":[…],"sessions":[…],"controllers":[…],
/// "blockDevices":[…],"fileSystems":[…],"applications":[…],"problems":[…]}`. A field that is absent is left out; one that could not be read is
/// left out and named under `problems`. The second to fourth list are left out where they are empty: facts from before there were such lists
/// keep their digest.
package struct Inventory: Hashable, Sendable {
    /// The `format` member's value.
    package static let format = "quartermaster-inventory/1"

    package var host: Host
    package var initiators: [Initiator]
    /// FC ports that this host is logged in to.
    package var remotePorts: [RemotePort]
    /// iSCSI sessions.
    package var sessions: [Session]
    /// NVMe controllers.
    package var controllers: [Controller]
    package var blockDevices: [BlockDevice]
    package var fileSystems: [FileSystem]
    package var applications: [Application]
    package var problems: [Problem]

    /// Takes lists in any order and sorts them.
    package init(
        host: Host, initiators: [Initiator] = [], blockDevices: [BlockDevice] = [], fileSystems: [FileSystem] = [],
        applications: [Application] = [], problems: [Problem] = [], remotePorts: [RemotePort] = [], sessions: [Session] = [],
        controllers: [Controller] = []
    ) {
        self.host = host
        self.initiators = initiators.sortedByKey()
        self.remotePorts = remotePorts.sortedByKey()
        self.sessions = sessions.sortedByKey()
        self.controllers = controllers.sortedByKey()
        self.blockDevices = blockDevices.sortedByKey()
        self.fileSystems = fileSystems.sortedByKey()
        self.applications = applications.sortedByKey()
        self.problems = problems.sortedByKey()
    }

    /// How much of itself a customer's host tells.
    package enum Level: Int, Hashable, Sendable, CaseIterable, Comparable {
        /// Host and initiators: the least that a registration can do with.
        case hostAndInitiators = 2
        /// And remote ports, sessions, controllers, block devices and file systems; the default.
        case storage = 3
        /// And applications, and what is mounted for processes alone.
        case applications = 4

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// The same facts without what is beyond `level`. Problems below `/sys/block`, of mounts and of packages stay: they name no content.
    package consuming func limited(to level: Level) -> Inventory {
        var result = self
        if level < .storage {
            (result.blockDevices, result.fileSystems) = ([], [])
            (result.remotePorts, result.sessions, result.controllers) = ([], [], [])
        }
        if level < .applications {
            result.applications = []
            // A process's name is told at no lower level.
            result.fileSystems.removeAll { $0.process != nil }
        }
        return result
    }

    /// The same facts without readings that change by themselves: free space and free inodes. Digests and differences are made of this.
    package var withoutUsage: Inventory {
        var result = self
        result.fileSystems = fileSystems.map(\.withoutUsage)
        return result
    }

    /// Whether a file system did not say its size in time.
    package var hasSlowFileSystem: Bool { problems.contains(where: \.isOfSlowness) }

    /// Takes over from `earlier` the sizes of file systems that did not answer in time, and no problem is left of them: how fast a disk answers is no
    /// fact of the host.
    package mutating func keepSizes(of earlier: Inventory) {
        let slow = Set(problems.filter(\.isOfSlowness).map(\.path))
        // One is asked, however often it is mounted.
        let sources = Set(fileSystems.filter { slow.contains($0.mountPoint) }.map(\.source))
        var sizes: [String: Int64] = [:]
        for fileSystem in earlier.fileSystems { sizes[fileSystem.key] = fileSystem.sizeBytes }
        var kept: Set<String> = []
        for index in fileSystems.indices where fileSystems[index].sizeBytes == nil && sources.contains(fileSystems[index].source) {
            guard let size = sizes[fileSystems[index].key] else { continue }
            fileSystems[index].sizeBytes = size
            kept.insert(fileSystems[index].mountPoint)
        }
        problems.removeAll { $0.isOfSlowness && kept.contains($0.path) }
    }
}

/// An entry of one of an inventory's lists.
package protocol InventoryEntry: Hashable, Sendable, JSONWritable, JSONReadable {
    /// What the list is sorted by, bytewise; the same for the same thing at another time.
    var key: String { get }
}

extension Array where Element: InventoryEntry {
    /// Sorted by key, then by canonical bytes: one order for one set of facts.
    package func sortedByKey() -> [Element] {
        if count < 2 { return self }
        let keys = map { $0.key }
        if isSorted(keys) { return self }
        var order = indices.sorted { keys[$0] < keys[$1] }
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, keys[order[end]] == keys[order[start]] { end += 1 }
            if end - start > 1 {
                // The bytes of each once, not once for each comparison: whoever may send an inventory decides how many keys are equal.
                let run = order[start..<end].map { (index: $0, bytes: self[$0].jsonBytes) }
                    .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
                order.replaceSubrange(start..<end, with: run.map(\.index))
            }
            start = end
        }
        return order.map { self[$0] }
    }

    private func isSorted(_ keys: [String]) -> Bool {
        for index in keys.indices.dropFirst() where keys[index - 1] >= keys[index] { return false }
        return true
    }
}

extension Inventory: JSONWritable, JSONReadable {
    /// More entries than this in one list are refused.
    package static let maximumEntries = 200_000

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", Self.format)
            writer.member("host", host)
            writer.member("initiators", array: initiators)
            if !remotePorts.isEmpty { writer.member("remotePorts", array: remotePorts) }
            if !sessions.isEmpty { writer.member("sessions", array: sessions) }
            if !controllers.isEmpty { writer.member("controllers", array: controllers) }
            writer.member("blockDevices", array: blockDevices)
            writer.member("fileSystems", array: fileSystems)
            writer.member("applications", array: applications)
            writer.member("problems", array: problems)
        }
    }

    /// Throws `.invalid` for a format that is not `quartermaster-inventory/1`; lists are sorted again, whatever order they came in.
    package init(json fields: JSONFields) throws(JSONError) {
        let format = try fields.string("format", maximumLength: 64)
        guard format == Self.format else {
            throw .invalid(path: fields.path("format"), reason: "is not \(Self.format), the one that is understood here")
        }
        self.init(
            host: try Host(json: try fields.fields("host")),
            initiators: try Self.entries("initiators", of: fields),
            blockDevices: try Self.entries("blockDevices", of: fields),
            fileSystems: try Self.entries("fileSystems", of: fields),
            applications: try Self.entries("applications", of: fields),
            problems: try Self.entries("problems", of: fields),
            remotePorts: try Self.entries("remotePorts", of: fields),
            sessions: try Self.entries("sessions", of: fields),
            controllers: try Self.entries("controllers", of: fields))
    }

    static func entries<Entry: InventoryEntry>(_ name: String, of fields: JSONFields) throws(JSONError) -> [Entry] {
        try fields.objects(name, maximumCount: maximumEntries) { (entry) throws(JSONError) in try Entry(json: entry) }
    }
}
