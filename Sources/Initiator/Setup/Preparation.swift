import Glibc
import ISCSI
import Identifiers

/// The check before a set-up: portals found and asked, credentials tried, names and rules checked; then the plan. Nothing is written.
package struct Preparation: Sendable {
    let database: RecordDatabase
    let probe: PortalProbe
    let state: @Sendable () throws(SetupError) -> HostState
    /// Whether a network device of that name is there.
    let hasNetworkDevice: @Sendable (String) -> Bool
    let multipathRuns: @Sendable () -> Bool

    package init(
        database: RecordDatabase, probe: PortalProbe, state: (@Sendable () throws(SetupError) -> HostState)? = nil,
        hasNetworkDevice: (@Sendable (String) -> Bool)? = nil, multipathRuns: @escaping @Sendable () -> Bool
    ) {
        self.database = database
        self.probe = probe
        let tree = database.tree
        if let state { self.state = state } else { self.state = { () throws(SetupError) in try HostState.read(tree) } }
        self.hasNetworkDevice = hasNetworkDevice ?? { access("\(tree.sysfs)/class/net/\($0)", F_OK) == 0 }
        self.multipathRuns = multipathRuns
    }

    /// A portal that was asked, and how this host gets in there.
    private struct Checked {
        var name: RecordName
        var algorithm: CHAPAlgorithm?
    }

    package func plan(_ request: ConnectRequest) throws(SetupError) -> SetupPlan {
        let advice = try rules(request)
        let (interface, interfaceChange) = try interface(request.interface)
        let records = try database.entries(of: request.target)
        let names = try names(request, interface: interface.name, records: records)
        let standing = try state().sessions
        let missing = names.filter { name in !standing.contains { $0.isOf(name) } }
        guard !missing.isEmpty else {
            throw .outcome(.alreadyConnected, detail: "\(request.target) is connected at \(names.map(\.portal).joined(separator: ", "))")
        }
        let defaults = try database.defaults()
        var changes = interfaceChange.map { [$0] } ?? []
        var plan = SetupPlan(operation: .connect, target: request.target, changes: [])
        plan.advice = advice
        for name in missing {
            let checked = try check(name, request)
            changes += try self.changes(for: checked, request, interface, defaults, advice: &plan.advice)
            plan.logins.append(checked.name)
        }
        plan.changes = changes
        plan.expectation = SetupPlan.Expectation(
            wwids: request.expectedWWIDs, sessions: request.sessions ?? 1, multipath: request.expectsMultipath && multipathRuns(),
            deadline: request.deadline)
        return plan
    }

    /// Throws where credentials break a rule; returns what is advised against.
    private func rules(_ request: ConnectRequest) throws(SetupError) -> [String] {
        let findings = (request.credentials?.findings ?? []) + (request.discoveryCredentials?.findings ?? [])
        if let refusal = findings.first(where: \.isRefusal) { throw .outcome(.invalidParameter, detail: refusal.description) }
        if let sessions = request.sessions, !(1...32).contains(sessions) {
            throw .outcome(.invalidParameter, detail: "--sessions is 1 to 32, not \(sessions)")
        }
        return findings.map(\.description)
    }

    /// The interface, and its record where it is to be made.
    private func interface(_ name: String) throws(SetupError) -> (InterfaceRecord, SetupPlan.Change?) {
        if let known = try database.interface(name) { return (known, nil) }
        guard RecordName.isInterface(name), hasNetworkDevice(name) else {
            throw .outcome(
                .invalidParameter,
                detail: "there is neither an interface record \(database.tree.interfaces)/\(name) nor a network device of that name")
        }
        let interface = InterfaceRecord(binding: name)
        let before = try database.image("ifaces/\(name)")
        let record = interface.record
        return (
            interface,
            SetupPlan.Change(
                before: before, after: FileImage(path: "ifaces/\(name)", content: .file(record.bytes, mode: 0o600)),
                settings: SetupPlan.Change.settings(from: nil, to: record))
        )
    }

    /// The records' names: of the portals that are given, as the target itself names them, or of all.
    private func names(
        _ request: ConnectRequest, interface: String, records: [RecordDatabase.Entry]
    ) throws(SetupError) -> [RecordName] {
        guard !request.portals.isEmpty else {
            let names = records.map(\.name).filter { request.interface == "default" || $0.interface == interface }
            guard !names.isEmpty else {
                throw .outcome(.invalidParameter, detail: "\(request.target) has no record on this host; say where it is with --portal")
            }
            return names
        }
        var names: [RecordName] = []
        for portal in request.portals {
            let (spelling, portals) = try find(request, at: portal)
            let wanted = request.allPortals ? portals : portals.filter { $0.address == portal }
            for found in wanted.isEmpty ? [TargetPortal(address: portal, groupTag: nil)] : wanted {
                let name = RecordName(
                    target: request.target, spelling: spelling, address: found.address.host.description, port: found.address.port,
                    portalGroupTag: found.groupTag, interface: interface)
                guard RecordName.isAddress(name.address) else {
                    throw .outcome(.invalidParameter, detail: "open-iscsi cannot record the address \(found.address)")
                }
                if !names.contains(where: { ($0.address, $0.port) == (name.address, name.port) }) { names.append(name) }
            }
        }
        return names
    }

    /// The target as the portal lists it. Where discovery wants credentials of its own that nobody gave, the portal stands for itself.
    private func find(_ request: ConnectRequest, at portal: PortalAddress) throws(SetupError) -> (String, [TargetPortal]) {
        let targets: [DiscoveredTarget]
        do throws(PortalProbe.Failure) {
            targets = try probe.targets(portal, request.discoveryCredentials)
        } catch {
            if error.outcome == .authenticationWanted, !request.allPortals { return (request.target.description, []) }
            throw .outcome(error.outcome, detail: error.detail)
        }
        guard let target = targets.first(where: { $0.name == request.target }) else {
            throw .outcome(.targetNotFound, detail: "the portal \(portal) does not show \(request.target) to this host")
        }
        return (target.spelling, target.portals.isEmpty ? [TargetPortal(address: portal, groupTag: nil)] : target.portals)
    }

    private func check(_ name: RecordName, _ request: ConnectRequest) throws(SetupError) -> Checked {
        guard let portal = PortalAddress(name.portal.split(separator: ",").first.map(String.init) ?? name.portal) else {
            throw .outcome(.invalidParameter, detail: "\(name.portal) is no portal")
        }
        var credentials = request.credentials
        if credentials == nil, let record = try database.record(name) { credentials = Self.credentials(record) }
        do throws(PortalProbe.Failure) {
            let answer = try probe.check(portal, name.spelling, credentials)
            var checked = Checked(name: name, algorithm: answer.algorithm)
            if checked.name.portalGroupTag == nil { checked.name.portalGroupTag = answer.groupTag }
            return checked
        } catch {
            throw .outcome(error.outcome, detail: error.detail)
        }
    }

    /// Those that a record has.
    private static func credentials(_ record: RecordText) -> CHAPCredentials? {
        guard record.text("node.session.auth.authmethod") == "CHAP", let user = record.text("node.session.auth.username"),
            let secret = record.value("node.session.auth.password")
        else { return nil }
        let mutual = record.value("node.session.auth.password_in").map {
            CHAPCredentials.Mutual(user: record.text("node.session.auth.username_in"), secret: CHAPSecret($0))
        }
        return CHAPCredentials(user: user, secret: CHAPSecret(secret), mutual: mutual)
    }
}

extension Preparation {
    /// The record of a portal and its link, as they will be.
    private func changes(
        for checked: Checked, _ request: ConnectRequest, _ interface: InterfaceRecord, _ defaults: NodeDefaults, advice: inout [String]
    ) throws(SetupError) -> [SetupPlan.Change] {
        let name = checked.name
        let path = "nodes/" + name.components.joined(separator: "/")
        let before = try database.image(path)
        var old: RecordText?
        if case .file(let bytes, _) = before.content { old = try RecordText(bytes, path: database.path(name)) }
        var record = old ?? defaults.record(name, interface: interface)
        for (key, value) in Self.settings(request, checked) { record.set(key, value, after: NodeDefaults.predecessors(of: key)) }
        if checked.algorithm == .md5, request.credentials != nil {
            advice.append("\(name.portal) speaks no stronger CHAP than MD5; ask the storage administrator for SHA-256")
        }
        var changes: [SetupPlan.Change] = []
        let after = FileImage(path: path, content: .file(record.bytes, mode: 0o600))
        if before != after {
            changes.append(
                SetupPlan.Change(before: before, after: after, settings: SetupPlan.Change.settings(from: old, to: record)))
        }
        if old == nil, let link = name.linkName, let tag = name.portalGroupTag {
            let before = try database.image("static/\(link)")
            let portal = "/etc/iscsi/nodes/\(name.spelling)/\(name.address),\(name.port),\(tag)"
            let after = FileImage(path: "static/\(link)", content: .link(portal))
            if before != after { changes.append(SetupPlan.Change(before: before, after: after, settings: [])) }
        }
        return changes
    }

    /// What the request says of the record; a nil value takes the key out.
    private static func settings(_ request: ConnectRequest, _ checked: Checked) -> [(String, [UInt8]?)] {
        var settings: [(String, [UInt8]?)] = [
            ("node.startup", Array(request.startup.rawValue.utf8)), ("node.conn[0].startup", Array(request.startup.rawValue.utf8)),
        ]
        if let sessions = request.sessions { settings.append(("node.session.nr_sessions", Array("\(sessions)".utf8))) }
        if let digest = request.headerDigest { settings.append(("node.conn[0].iscsi.HeaderDigest", Array(digest.rawValue.utf8))) }
        if let digest = request.dataDigest { settings.append(("node.conn[0].iscsi.DataDigest", Array(digest.rawValue.utf8))) }
        guard let credentials = request.credentials else { return settings }
        settings += [
            ("node.session.auth.authmethod", Array("CHAP".utf8)), ("node.session.auth.username", Array(credentials.user.utf8)),
            ("node.session.auth.password", credentials.secret.withBytes { Array($0) }),
            ("node.session.auth.username_in", credentials.mutual.map { Array(($0.user ?? "").utf8) }.flatMap { $0.isEmpty ? nil : $0 }),
            ("node.session.auth.password_in", credentials.mutual.map { $0.secret.withBytes { Array($0) } }),
        ]
        if let algorithm = checked.algorithm { settings.append(("node.session.auth.chap_algs", Array(Self.words(from: algorithm).utf8))) }
        return settings
    }

    /// open-iscsi's words for the algorithm that was taken and those that are stronger: a weaker one than was agreed is never offered.
    static func words(from algorithm: CHAPAlgorithm) -> String {
        let words: [(CHAPAlgorithm, String)] = [(.sha3, "SHA3-256"), (.sha256, "SHA256"), (.sha1, "SHA1"), (.md5, "MD5")]
        // A target that takes MD5 alone after others were offered may have chosen one that it does not know.
        if algorithm == .md5 { return "MD5" }
        return words.filter { $0.0.rawValue >= algorithm.rawValue }.map(\.1).joined(separator: ",")
    }
}
