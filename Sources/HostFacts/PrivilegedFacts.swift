import Identifiers
import Inventory
import StrictJSON

/// What only root can read of a host, as a value that a process without its rights can be given.
///
/// `{"initiatorName":"iqn.…","interfaces":[…],"maps":[{"name","deviceNumber","targets":[{"startSector","sectors","type","status"}]}],
/// "sessions":[{"name":"session1","authentication":"chap"}],"problems":[…]}`. Never a table, a user name or a secret.
package struct PrivilegedFacts: Equatable, Sendable {
    /// From open-iscsi's name file, which Debian makes readable for root alone.
    package var initiatorName: ISCSIName?
    /// open-iscsi's interface records, which are root's alone too, sorted by name.
    package var interfaces: [Inventory.ISCSIInterface]
    /// Device-mapper's maps with their targets' status, sorted by name.
    package var maps: [MapStatus]
    /// Which iSCSI sessions authenticate, sorted by name.
    package var sessions: [SessionAuthentication]
    /// What could not be read.
    package var problems: [Inventory.Problem]

    package init(
        initiatorName: ISCSIName? = nil, interfaces: [Inventory.ISCSIInterface] = [], maps: [MapStatus] = [],
        sessions: [SessionAuthentication] = [], problems: [Inventory.Problem] = []
    ) {
        self.initiatorName = initiatorName
        self.interfaces = interfaces
        self.maps = maps
        self.sessions = sessions
        self.problems = problems
    }

    /// As far as this process may read: all of it as root. Of a captured tree what stands in its files.
    package static func read(_ tree: Tree) -> PrivilegedFacts {
        let reader = FactReader(tree: tree)
        var facts = PrivilegedFacts()
        facts.initiatorName = reader.whole(file: InitiatorNameFile.path, "iqn", InitiatorNameFile.parse)
        facts.interfaces = ISCSIInterfaceReader(reader: reader).all()
        facts.maps = MapStatusReader(reader: reader).all()
        let authentication = SessionAuthenticationReader(reader: reader)
        facts.sessions = reader.names("sys/class/iscsi_session", "sessions").map { authentication.read($0) }
        facts.problems = reader.problems
        return facts
    }
}

/// How a session's two ends prove who they are. Told by whether the kernel holds user names, which are not told.
package struct SessionAuthentication: Equatable, Sendable {
    /// The kernel's: `session1`.
    package let name: String
    package let authentication: Inventory.Authentication

    package init(name: String, authentication: Inventory.Authentication) {
        self.name = name
        self.authentication = authentication
    }
}

extension PrivilegedFacts: JSONWritable, JSONReadable {
    package static let maximumEntries = 100_000

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("initiatorName", initiatorName?.description)
            writer.member("interfaces", array: interfaces)
            writer.member("maps", array: maps)
            writer.member("sessions", array: sessions)
            writer.member("problems", array: problems)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        initiatorName = try fields.optionalParsed("initiatorName", expected: "an iSCSI name") { ISCSIName($0) }
        interfaces = try fields.objects("interfaces", maximumCount: Self.maximumEntries) { (interface) throws(JSONError) in
            try Inventory.ISCSIInterface(json: interface)
        }
        maps = try fields.objects("maps", maximumCount: Self.maximumEntries) { (map) throws(JSONError) in try MapStatus(json: map) }
        sessions = try fields.objects("sessions", maximumCount: Self.maximumEntries) { (session) throws(JSONError) in
            try SessionAuthentication(json: session)
        }
        problems = try fields.objects("problems", maximumCount: Self.maximumEntries) { (problem) throws(JSONError) in
            try Inventory.Problem(json: problem)
        }
    }
}

extension SessionAuthentication: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("authentication", authentication.rawValue)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        authentication = try fields.parsed("authentication", expected: Inventory.Authentication.expected) {
            Inventory.Authentication(rawValue: $0)
        }
    }
}
