import Identifiers
import Inventory

/// Reads `/sys/class/iscsi_session` and, for the portals, `/sys/class/iscsi_connection` (drivers/scsi/scsi_transport_iscsi.c).
struct SessionReader {
    let reader: FactReader

    func all() -> [Inventory.Session] {
        let names = reader.names("sys/class/iscsi_session", "sessions")
        if names.isEmpty { return [] }
        // `connection1:0` is the first of session 1.
        let connections = reader.names("sys/class/iscsi_connection", "portals")
        return names.compactMap { session($0, connections) }
    }

    private func session(_ name: String, _ connections: [String]) -> Inventory.Session? {
        reader.trace?.subject = name
        let path = "sys/class/iscsi_session/\(name)"
        guard let directory = reader.tree.directory(path) else { return nil }
        var session = Inventory.Session(name: name)
        session.host = host(path)
        session.target = iscsiName("targetname", "target", in: directory)
        session.initiator = iscsiName("initiatorname", "initiator", in: directory)
        session.targetPortalGroupTag = reader.parsed(
            "tpgt", "targetPortalGroupTag", in: directory, expected: "a number", FactText.decimal)
        session.state = reader.text("state", "state", in: directory)
        session.interface = Self.known(reader.text("ifacename", "interface", in: directory))
        session.authentication = authentication(name)
        let prefix = "connection\(name.dropFirst("session".count)):"
        session.portals = connections.filter { $0.hasPrefix(prefix) }.compactMap(portal)
        return session
    }

    private func authentication(_ name: String) -> Inventory.Authentication {
        guard let privileged = reader.privileged else { return SessionAuthenticationReader(reader: reader).read(name).authentication }
        let found = privileged.sessions.first { $0.name == name }?.authentication ?? .unknown
        reader.trace?.add("authentication", "sys/class/iscsi_session/\(name)/username", "read with privilege: \(found.rawValue)")
        return found
    }

    /// Where the connection is, and while it is down, where it is to be.
    private func portal(_ name: String) -> Inventory.Session.Portal? {
        guard let directory = reader.tree.directory("sys/class/iscsi_connection/\(name)") else { return nil }
        let current = Self.known(reader.text("address", "portals", in: directory))
        guard let address = current ?? Self.known(reader.text("persistent_address", "portals", in: directory)) else { return nil }
        explain("address", directory.path, current == nil ? "persistent_address" : "address", address)
        let currentPort = reader.parsed("port", "portals", in: directory, expected: "a port", Self.port)
        let port = currentPort ?? reader.parsed("persistent_port", "portals", in: directory, expected: "a port", Self.port)
        explain("port", directory.path, currentPort == nil ? "persistent_port" : "port", port?.description)
        let state = reader.text("state", "portals", in: directory)
        explain("state", directory.path, "state", state)
        return Inventory.Session.Portal(address: address, port: port, state: state)
    }

    private func explain(_ field: StaticString, _ directory: String, _ attribute: String, _ value: String?) {
        if let value { reader.trace?.add(field, "\(directory)/\(attribute)", value) }
    }

    /// A session stands below its host: `…/host7/session1/iscsi_session/session1`.
    private func host(_ path: String) -> String? {
        guard let target = reader.tree.linkTarget(path) else { return nil }
        let host = target.split(separator: "/").last { component in
            component.hasPrefix("host") && component.utf8.count > 4
                && component.utf8.dropFirst(4).allSatisfy { (0x30...0x39).contains($0) }
        }
        reader.trace?.add("host", path, "a link to \(target)")
        return host.map(String.init)
    }

    private func iscsiName(_ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory) -> ISCSIName? {
        reader.parsed(attribute, field, in: directory, expected: "an iSCSI name", Self.name) ?? nil
    }

    /// The kernel's words for no name are no fault.
    private static func name(_ bytes: UnsafeRawBufferPointer) -> ISCSIName?? {
        guard let text = FactText.valid(bytes) else { return nil }
        return known(text) == nil ? .some(nil) : ISCSIName(text).map { .some($0) }
    }

    private static func port(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        FactText.decimal(bytes).flatMap { (0...65_535).contains($0) ? $0 : nil }
    }

    /// Nil for the kernel's words for nothing.
    static func known(_ text: String?) -> String? { text == "(null)" || text == "<NULL>" ? nil : text }
}
