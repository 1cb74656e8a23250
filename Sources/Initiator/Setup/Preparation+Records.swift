import ISCSI
import Identifiers

extension Preparation {
    /// The record of a portal and its link, as they will be.
    func changes(
        for checked: Checked, _ request: ConnectRequest, _ interface: InterfaceRecord, _ defaults: NodeDefaults, advice: inout [String]
    ) throws(SetupError) -> [SetupPlan.Change] {
        let name = checked.name
        let path = "nodes/" + name.components.joined(separator: "/")
        let before = try database.image(path)
        var old: RecordText?
        if case .file(let bytes, _) = before.content { old = try RecordText(bytes, path: database.path(name)) }
        var record = old ?? defaults.record(name, interface: interface)
        Self.set(Self.settings(request, isNew: old == nil) + Self.settings(request.credentials, checked), in: &record)
        advice += Self.advice(request.credentials, checked)
        var changes: [SetupPlan.Change] = []
        let after = FileImage(path: path, content: .file(record.bytes, mode: 0o600))
        if before != after {
            changes.append(
                SetupPlan.Change(before: before, after: after, settings: SetupPlan.Change.settings(from: old, to: record)))
        }
        if old == nil, let link = name.linkName, let tag = name.portalGroupTag {
            let before = try database.image("static/\(link)")
            let portal = "\(database.tree.recordsOnHost)/nodes/\(name.spelling)/\(name.address),\(name.port),\(tag)"
            let after = FileImage(path: "static/\(link)", content: .link(portal))
            if before != after { changes.append(SetupPlan.Change(before: before, after: after, settings: [])) }
        }
        return changes
    }

    /// What the request says of the record; a nil value takes the key out.
    private static func settings(_ request: ConnectRequest, isNew: Bool) -> [(String, SecretBytes?)] {
        var settings: [(String, SecretBytes?)] = []
        if let startup = request.startup ?? (isNew ? .automatic : nil) {
            for key in ["node.startup", "node.conn[0].startup"] { settings.append((key, SecretBytes(startup.rawValue.utf8))) }
        }
        if let sessions = request.sessions { settings.append(("node.session.nr_sessions", SecretBytes("\(sessions)".utf8))) }
        if let digest = request.headerDigest { settings.append(("node.conn[0].iscsi.HeaderDigest", SecretBytes(digest.rawValue.utf8))) }
        if let digest = request.dataDigest { settings.append(("node.conn[0].iscsi.DataDigest", SecretBytes(digest.rawValue.utf8))) }
        return settings
    }

    /// What the credentials say of it.
    private static func settings(_ credentials: CHAPCredentials?, _ checked: Checked) -> [(String, SecretBytes?)] {
        guard let credentials else { return [] }
        var settings: [(String, SecretBytes?)] = [
            ("node.session.auth.authmethod", SecretBytes("CHAP".utf8)), ("node.session.auth.username", SecretBytes(credentials.user.utf8)),
            ("node.session.auth.password", credentials.secret.bytes),
            (
                "node.session.auth.username_in",
                credentials.mutual.map { SecretBytes(($0.user ?? "").utf8) }.flatMap { $0.isEmpty ? nil : $0 }
            ),
            ("node.session.auth.password_in", credentials.mutual?.secret.bytes),
        ]
        if let algorithm = checked.algorithm {
            settings.append(("node.session.auth.chap_algs", SecretBytes(Self.words(from: algorithm).utf8)))
        }
        return settings
    }

    private static func set(_ settings: [(String, SecretBytes?)], in record: inout RecordText) {
        for (key, value) in settings { record.set(key, value, after: NodeDefaults.predecessors(of: key)) }
    }

    private static func advice(_ credentials: CHAPCredentials?, _ checked: Checked) -> [String] {
        guard credentials != nil, checked.algorithm == .md5 else { return [] }
        return ["\(checked.name.portal) speaks no stronger CHAP than MD5; ask the storage administrator for SHA-256"]
    }

    /// open-iscsi's words for the algorithm that was taken and those that are stronger: a weaker one than was agreed is never offered.
    static func words(from algorithm: CHAPAlgorithm) -> String {
        // A target that takes MD5 alone after others were offered may have chosen one that it does not know.
        if algorithm == .md5 { return "MD5" }
        return chapWords.filter { $0.algorithm.rawValue >= algorithm.rawValue }.map(\.word).joined(separator: ",")
    }

    /// Other credentials in all records of a target, tried at each of its portals.
    package func plan(credentials: CHAPCredentials, for target: ISCSIName) throws(SetupError) -> SetupPlan {
        var request = ConnectRequest(target: target, portals: [])
        request.credentials = credentials
        var plan = SetupPlan(operation: .record, target: target, folder: database.tree.recordsOnHost)
        plan.advice = try rules(request)
        let entries = try database.entries(of: target)
        guard !entries.isEmpty else { throw .noRecord(of: target) }
        for entry in entries {
            let checked = try check(entry.name, request)
            plan.advice += Self.advice(credentials, checked)
            // The record keeps its name, whatever group the portal says it is of, and all that is not about authentication.
            var record = entry.record
            Self.set(Self.settings(credentials, checked), in: &record)
            let path = "nodes/" + entry.name.components.joined(separator: "/")
            let before = try database.image(path)
            let after = FileImage(path: path, content: .file(record.bytes, mode: 0o600))
            guard before != after else { continue }
            plan.changes.append(
                SetupPlan.Change(before: before, after: after, settings: SetupPlan.Change.settings(from: entry.record, to: record)))
        }
        return plan
    }
}
