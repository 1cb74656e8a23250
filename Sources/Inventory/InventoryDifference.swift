import StrictJSON

/// What changed between two inventories, list by list, with the digests of both: whoever has the first can make the second, and check it.
///
/// `{"from":"…","to":"…","host":{…},"initiators":{"added":[…],"changed":[…],"removed":["key",…]},…}`; what did not change is left out.
package struct InventoryDifference: Equatable, Sendable {
    package let from: InventoryDigest
    package let to: InventoryDigest
    /// The host's facts, all of them, where one changed.
    package let host: Inventory.Host?
    package let initiators: ListDifference<Inventory.Initiator>
    package let remotePorts: ListDifference<Inventory.RemotePort>
    package let sessions: ListDifference<Inventory.Session>
    package let controllers: ListDifference<Inventory.Controller>
    package let blockDevices: ListDifference<Inventory.BlockDevice>
    package let fileSystems: ListDifference<Inventory.FileSystem>
    package let applications: ListDifference<Inventory.Application>
    package let problems: ListDifference<Inventory.Problem>

    package var isEmpty: Bool { from == to }

    /// Nil where a list of either side has two entries of one key: such facts are sent whole.
    package init?(from old: Inventory, to new: Inventory) {
        let (before, after) = (old.withoutUsage, new.withoutUsage)
        guard let initiators = ListDifference(from: before.initiators, to: after.initiators),
            let remotePorts = ListDifference(from: before.remotePorts, to: after.remotePorts),
            let sessions = ListDifference(from: before.sessions, to: after.sessions),
            let controllers = ListDifference(from: before.controllers, to: after.controllers),
            let blockDevices = ListDifference(from: before.blockDevices, to: after.blockDevices),
            let fileSystems = ListDifference(from: before.fileSystems, to: after.fileSystems),
            let applications = ListDifference(from: before.applications, to: after.applications),
            let problems = ListDifference(from: before.problems, to: after.problems)
        else { return nil }
        from = InventoryDigest(of: before.jsonBytes)
        to = InventoryDigest(of: after.jsonBytes)
        host = before.host == after.host ? nil : after.host
        self.initiators = initiators
        self.remotePorts = remotePorts
        self.sessions = sessions
        self.controllers = controllers
        self.blockDevices = blockDevices
        self.fileSystems = fileSystems
        self.applications = applications
        self.problems = problems
    }

    /// The second inventory, made of the first. Usage of file systems that did not change stays as `base` has it.
    ///
    /// Throws where `base` is not the first one; where it was understood in full, also where the result has another digest than the sender's.
    ///
    /// - Parameters:
    ///   - digest: what the sender calls `base`.
    ///   - isPartial: the sender knows facts of `base` that are not known here, so that the result's digest says nothing.
    package func applied(to base: Inventory, digest: InventoryDigest, isPartial: Bool) throws(InventoryError) -> Inventory {
        guard digest == from else { throw .otherBase(expected: from, found: digest) }
        var result = base
        if let host { result.host = host }
        result.initiators = try initiators.applied(to: base.initiators, list: "initiators")
        result.remotePorts = try remotePorts.applied(to: base.remotePorts, list: "remotePorts")
        result.sessions = try sessions.applied(to: base.sessions, list: "sessions")
        result.controllers = try controllers.applied(to: base.controllers, list: "controllers")
        result.blockDevices = try blockDevices.applied(to: base.blockDevices, list: "blockDevices")
        result.fileSystems = try fileSystems.applied(to: base.fileSystems, list: "fileSystems")
        result.applications = try applications.applied(to: base.applications, list: "applications")
        result.problems = try problems.applied(to: base.problems, list: "problems")
        if isPartial { return result }
        let made = result.digest
        guard made == to else { throw .otherResult(expected: to, found: made) }
        return result
    }
}

/// A difference that does not fit what it is applied to. The answer to each is to ask for everything.
package enum InventoryError: Error, Equatable, Sendable {
    case otherBase(expected: InventoryDigest, found: InventoryDigest)
    case otherResult(expected: InventoryDigest, found: InventoryDigest)
    case noSuchEntry(list: String, key: String)
    case entryExists(list: String, key: String)
}

extension InventoryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .otherBase(let expected, let found):
            "the difference is to an inventory of digest \(expected), the one at hand has \(found); ask the host for everything"
        case .otherResult(let expected, let found):
            "the difference gives an inventory of digest \(found) in place of \(expected); ask the host for everything"
        case .noSuchEntry(let list, let key):
            "the difference changes or removes \"\(key)\" in \(list), where there is none; ask the host for everything"
        case .entryExists(let list, let key):
            "the difference adds \"\(key)\" to \(list), where there is one; ask the host for everything"
        }
    }
}

extension InventoryDifference: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("from", from.description)
            writer.member("to", to.description)
            writer.member("host", host)
            if !initiators.isEmpty { writer.member("initiators", initiators) }
            if !remotePorts.isEmpty { writer.member("remotePorts", remotePorts) }
            if !sessions.isEmpty { writer.member("sessions", sessions) }
            if !controllers.isEmpty { writer.member("controllers", controllers) }
            if !blockDevices.isEmpty { writer.member("blockDevices", blockDevices) }
            if !fileSystems.isEmpty { writer.member("fileSystems", fileSystems) }
            if !applications.isEmpty { writer.member("applications", applications) }
            if !problems.isEmpty { writer.member("problems", problems) }
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        from = try fields.parsed("from", expected: InventoryDigest.expected) { InventoryDigest($0) }
        to = try fields.parsed("to", expected: InventoryDigest.expected) { InventoryDigest($0) }
        var host: Inventory.Host?
        if let object = try fields.optionalFields("host") { host = try Inventory.Host(json: object) }
        self.host = host
        initiators = try Self.list("initiators", of: fields)
        remotePorts = try Self.list("remotePorts", of: fields)
        sessions = try Self.list("sessions", of: fields)
        controllers = try Self.list("controllers", of: fields)
        blockDevices = try Self.list("blockDevices", of: fields)
        fileSystems = try Self.list("fileSystems", of: fields)
        applications = try Self.list("applications", of: fields)
        problems = try Self.list("problems", of: fields)
    }

    private static func list<Entry>(_ name: String, of fields: JSONFields) throws(JSONError) -> ListDifference<Entry> {
        guard let object = try fields.optionalFields(name) else { return ListDifference() }
        return try ListDifference(json: object)
    }
}
