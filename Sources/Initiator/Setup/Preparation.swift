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
    /// Of portals that are named by one.
    let lookUp: @Sendable ([String]) -> [String: NameResolver.Outcome]
    /// As long may it take to ask all portals: another command waits meanwhile.
    var patience = Duration.seconds(120)

    /// As many portals that one names are followed.
    static let maximumFollowed = 64

    package init(
        database: RecordDatabase, probe: PortalProbe, state: (@Sendable () throws(SetupError) -> HostState)? = nil,
        hasNetworkDevice: (@Sendable (String) -> Bool)? = nil,
        lookUp: @escaping @Sendable ([String]) -> [String: NameResolver.Outcome] = { NameResolver.lookUp($0) },
        multipathRuns: @escaping @Sendable () -> Bool
    ) {
        self.lookUp = lookUp
        self.database = database
        self.probe = probe
        let tree = database.tree
        if let state { self.state = state } else { self.state = { () throws(SetupError) in try HostState.read(tree) } }
        self.hasNetworkDevice = hasNetworkDevice ?? { access("\(tree.sysfs)/class/net/\($0)", F_OK) == 0 }
        self.multipathRuns = multipathRuns
    }

    /// A portal that was asked, and how this host gets in there.
    struct Checked {
        var name: RecordName
        var algorithm: CHAPAlgorithm?
    }

    package func plan(_ request: ConnectRequest) throws(SetupError) -> SetupPlan {
        let end = ContinuousClock.now + patience
        var advice = try rules(request)
        let (interface, interfaceChange) = try interface(request.interface)
        let records = try database.entries(of: request.target)
        let names = try names(request, interface: interface.name, records: records, advice: &advice)
        let standing = try state().sessions
        let missing = names.filter { name in !standing.contains { $0.isOf(name) } }
        guard !missing.isEmpty else {
            throw .outcome(.alreadyConnected, detail: "\(request.target) is connected at \(names.map(\.portal).joined(separator: ", "))")
        }
        let defaults = try database.defaults()
        var changes = interfaceChange.map { [$0] } ?? []
        var plan = SetupPlan(operation: .connect, target: request.target, folder: database.tree.recordsOnHost)
        plan.advice = advice
        for name in missing {
            guard ContinuousClock.now < end else {
                throw .outcome(.timedOut, detail: "not all of \(missing.count) portals answered within \(patience); name fewer of them")
            }
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
    func rules(_ request: ConnectRequest) throws(SetupError) -> [String] {
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
        _ request: ConnectRequest, interface: String, records: [RecordDatabase.Entry], advice: inout [String]
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
            let wanted =
                request.allPortals
                ? try followed(portals, from: portal, advice: &advice) : portals.filter { $0.address == portal }
            for found in wanted.isEmpty ? [TargetPortal(address: portal, groupTag: nil)] : wanted {
                let name = RecordName(
                    target: request.target, spelling: spelling, address: found.address.host.description, port: found.address.port,
                    portalGroupTag: found.groupTag, interface: interface)
                guard RecordName.isAddress(name.address) else {
                    throw .outcome(.invalidParameter, detail: "open-iscsi cannot record the address \(found.address)")
                }
                if !names.contains(where: { ($0.address, $0.port) == (name.address, name.port) }) {
                    names.append(Self.recorded(name, records.map(\.name)))
                }
            }
        }
        return names
    }

    /// The name of the record that this portal and interface have already: of that group, or where one of the two does not say which.
    private static func recorded(_ name: RecordName, _ records: [RecordName]) -> RecordName {
        let same = records.filter { ($0.address, $0.port, $0.interface) == (name.address, name.port, name.interface) }
        return same.first { $0.portalGroupTag == name.portalGroupTag }
            ?? same.first { name.portalGroupTag == nil || $0.portalGroupTag == nil } ?? name
    }

    /// Of the portals that one names, those that this host follows it to. The others are told.
    private func followed(
        _ portals: [TargetPortal], from portal: PortalAddress, advice: inout [String]
    ) throws(SetupError) -> [TargetPortal] {
        var kept: [TargetPortal] = []
        var refusals: [String] = []
        let followed = portals.prefix(Self.maximumFollowed)
        let names = lookUp(([portal] + followed.map(\.address)).compactMap(\.hostName))
        for named in followed {
            if let name = named.address.hostName, case .failed(let reason)? = names[name] {
                throw .outcome(
                    .unreachable, detail: "\(portal) names the portal \(named.address), whose name cannot be looked up: \(reason)")
            }
            if let reach = named.address.reach(forbiddenTo: portal, names: names) {
                refusals.append("\(portal) names the portal \(named.address), which is \(reach): not followed")
            } else {
                kept.append(named)
            }
        }
        if followed.count < portals.count {
            refusals.append("\(portal) names \(portals.count) portals; \(followed.count) of them are followed")
        }
        if kept.isEmpty, let refusal = refusals.first { throw .outcome(.notAnISCSIPortal, detail: refusal) }
        advice += refusals
        return kept
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

    func check(_ name: RecordName, _ request: ConnectRequest) throws(SetupError) -> Checked {
        guard let portal = name.portalAddress else {
            throw .outcome(.invalidParameter, detail: "\(name.portal) is no portal")
        }
        // What iscsid will go by, where nothing else is said: the record, or iscsid.conf where there is to be a new one.
        let known = try database.record(name)
        let record: RecordText
        if let known { record = known } else { record = try database.defaults().record(name, interface: .default) }
        let credentials = request.credentials ?? Self.credentials(record)
        let algorithms = Self.algorithms(of: record, orStronger: request.credentials != nil)
        if credentials != nil, algorithms.isEmpty {
            throw .outcome(
                .noCommonAlgorithm,
                detail:
                    "node.session.auth.chap_algs of \(name.portal) names nothing that this host computes; see its record and iscsid.conf")
        }
        do throws(PortalProbe.Failure) {
            let answer = try probe.check(portal, name.spelling, credentials, algorithms)
            var checked = Checked(name: name, algorithm: answer.algorithm)
            if known == nil, checked.name.portalGroupTag == nil { checked.name.portalGroupTag = answer.groupTag }
            return checked
        } catch {
            throw .outcome(error.outcome, detail: error.detail)
        }
    }

    /// The digests that a record lets CHAP use; `orStronger` where another list is to be recorded, which is not to let in weaker ones.
    static func algorithms(of record: RecordText, orStronger: Bool) -> [CHAPAlgorithm] {
        let words = record.text("node.session.auth.chap_algs")?.split(separator: ",").map { $0.drop { $0 == " " } } ?? []
        let named = Self.chapWords.filter { words.contains(Substring($0.word)) }.map(\.algorithm)
        guard let weakest = named.map(\.rawValue).min() else { return words.isEmpty ? CHAPAlgorithm.available : [] }
        return CHAPAlgorithm.available.filter { orStronger ? $0.rawValue >= weakest : named.contains($0) }
    }

    /// open-iscsi's words, the strongest first.
    static let chapWords: [(algorithm: CHAPAlgorithm, word: String)] = [
        (.sha3, "SHA3-256"), (.sha256, "SHA256"), (.sha1, "SHA1"), (.md5, "MD5"),
    ]

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
