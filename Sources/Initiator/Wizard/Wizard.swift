import ISCSI
import Identifiers

/// From nothing to a verified volume by questions: a value without terminal, network and files. Whoever drives it asks what `step` says, does what
/// it says, and tells what came of it; then there is another step.
///
/// An answer stays until another one is given. Going back asks a question again, with its answer as what Enter takes; so does a failure, with
/// the question whose answer was wrong.
package struct Wizard: Sendable {
    package let host: HostChoices
    /// The answers as they are kept: of choices their values. Also those that are to be given again.
    package private(set) var answers: [Field: String] = [:]
    /// Those that stand.
    private var given: Set<Field> = []
    private var isLooked = false
    private var found: (search: Search, targets: [FoundTarget])?
    /// Discovery wants credentials of its own there.
    private var guarded: Search.Place?
    /// Targets that turned out to want CHAP when they were tried.
    private var wanting: Set<ISCSIName> = []
    private var needsService = false
    private var planned: Connection?
    private var isConnected = false
    private var isStuck = false
    private var notices: [String] = []
    private let stopsAtPlan: Bool

    /// `stopsAtPlan`: nothing is to be changed.
    package init(_ host: HostChoices, stopsAtPlan: Bool = false) {
        self.host = host
        self.stopsAtPlan = stopsAtPlan
        if !host.isRoot { notices.append("You are not root: you can look around; to connect, root's rights are needed.") }
    }

    // MARK: What is next

    package var step: Step { position.step }

    /// The questions up to the next step, in their order.
    package var path: [Field] { position.path }

    /// Answers that stand and were of use, in their order.
    package var record: [(field: Field, value: String)] {
        position.path.compactMap { field in
            given.contains(field) && field != .again ? answers[field].map { (field, $0) } : nil
        }
    }

    private var position: (path: [Field], step: Step) {
        var path: [Field] = []
        var question: Question?
        /// False where one of them is to be asked.
        func has(_ fields: Field...) -> Bool {
            for field in fields {
                path.append(field)
                let asked = self.question(field)
                if !given.contains(field) || !accepts(asked) {
                    question = asked
                    return false
                }
            }
            return true
        }
        func hasCredentials(_ user: Field, _ secret: Field, _ mutual: Field, _ mutualUser: Field, _ mutualSecret: Field) -> Bool {
            has(user, secret, mutual) && (answers[mutual] == "no" || has(mutualUser, mutualSecret))
        }
        func next() -> Step? {
            guard has(.transport) else { return nil }
            guard answers[.transport] == "iscsi" else {
                guard has(.rescan) else { return nil }
                return answers[.rescan] == "yes" && !isLooked && !stopsAtPlan ? .rescan : .finished(.looked)
            }
            guard has(.find), let source, source == .find || has(source), !isLargeScan || has(.largeScan) else { return nil }
            if isGuarded, !hasCredentials(.discoveryUser, .discoverySecret, .discoveryMutual, .discoveryMutualUser, .discoveryMutualSecret)
            {
                return nil
            }
            guard let search else { return nil }
            if found?.search != search { return isStuck ? nil : .discover(search) }
            guard has(.target, .portals, .interface) else { return nil }
            if wantsCHAP, !hasCredentials(.chapUser, .chapSecret, .mutual, .mutualUser, .mutualSecret) { return nil }
            guard has(.startup, .expectedWWIDs), !needsService || has(.install), let connection else { return nil }
            if planned != connection { return isStuck ? nil : .plan(connection) }
            if stopsAtPlan { return .finished(.planned) }
            guard has(.confirm) else { return nil }
            if answers[.confirm] == "no" { return .finished(.declined) }
            return isConnected ? .finished(.connected) : .connect(connection)
        }
        let step = next()
        if isStuck, question == nil {
            path.append(.again)
            return (path, .ask(self.question(.again)))
        }
        return (path, step ?? .ask(question ?? self.question(.transport)))
    }

    private func accepts(_ question: Question) -> Bool {
        guard let answer = answers[question.field] else { return false }
        return question.read(answer, isExact: true) == .answer(answer)
    }

    /// The question that says where is looked: `find` itself for the lists.
    package var source: Field? {
        switch answers[.find] {
        case "scan": .subnet
        case "address": .portal
        case "isns": .isns
        case "listed": .find
        default: nil
        }
    }

    private var isLargeScan: Bool { answers[.find] == "scan" && addressCount > host.plainAddresses }

    private var addressCount: Int {
        question(.subnet).values(answers[.subnet] ?? "").reduce(0) { sum, text in
            // One that is none has been refused as an answer.
            do throws(AddressRange.Fault) { return sum + (try AddressRange(parsing: text).count) } catch { return sum }
        }
    }

    private var isGuarded: Bool { guarded != nil && guarded == place }

    private var place: Search.Place? {
        switch answers[.find] {
        case "scan": .subnets(question(.subnet).values(answers[.subnet] ?? ""))
        case "address": answers[.portal].flatMap { PortalAddress($0) }.map { .portal($0) }
        case "isns": answers[.isns].flatMap { PortalAddress($0, defaultPort: ISCSIPort.isns) }.map { .server($0) }
        case "listed": .listed
        default: nil
        }
    }

    private var search: Search? {
        place.map { Search(place: $0, isLarge: isLargeScan, credentials: isGuarded ? discoveryCredentials : nil) }
    }

    private var discoveryCredentials: Credentials? {
        credentials(.discoveryUser, .discoverySecret, .discoveryMutual, .discoveryMutualUser, .discoveryMutualSecret)
    }

    private func credentials(_ user: Field, _ secret: Field, _ mutual: Field, _ mutualUser: Field, _ mutualSecret: Field) -> Credentials? {
        guard let user = answers[user], let secret = answers[secret] else { return nil }
        let isMutual = answers[mutual] == "yes"
        return Credentials(
            user: user, secretFile: secret, mutualUser: isMutual ? answers[mutualUser] : nil,
            mutualSecretFile: isMutual ? answers[mutualSecret] : nil)
    }

    /// The targets that there are to choose from.
    var targets: [FoundTarget] { found?.targets ?? [] }
    var target: FoundTarget? { targets.first { $0.name.description == answers[.target] } }
    private var wantsCHAP: Bool { target.map { $0.authentication == .chap || wanting.contains($0.name) } ?? false }

    private var connection: Connection? {
        guard let target else { return nil }
        return Connection(
            target: target.name, portals: question(.portals).values(answers[.portals] ?? "").compactMap { PortalAddress($0) },
            interface: answers[.interface] ?? "default",
            credentials: wantsCHAP ? credentials(.chapUser, .chapSecret, .mutual, .mutualUser, .mutualSecret) : nil,
            discoveryCredentials: isGuarded ? discoveryCredentials : nil,
            startup: answers[.startup].flatMap { ConnectRequest.Startup(rawValue: $0) },
            expectedWWIDs: Form.wwids(answers[.expectedWWIDs] ?? "") ?? [], installs: needsService && answers[.install] == "yes")
    }

    // MARK: What came of it

    /// What is to be said before the next step, each a paragraph.
    package mutating func takeNotices() -> [String] {
        defer { notices = [] }
        return notices
    }

    /// `value` as the question that was asked read it.
    package mutating func answer(_ field: Field, _ value: String) {
        if field == .again {
            isStuck = false
            return
        }
        if answers[field] != value {
            given.subtract(field.dependents)
            // Those of the former system are not even offered: Enter would connect to another one than was chosen.
            if field.dependents.contains(.portals) { answers[.portals] = nil }
            if field == .target { answers[.startup] = nil }
            if field == .portals, leadsElsewhere(value) { given.subtract([.chapSecret, .mutualSecret]) }
        }
        answers[field] = value
        given.insert(field)
        // Another secret may have been typed, though the answer is the same.
        if field.isSecret { forgetWhatItLedTo(field) }
        if field == .transport, value == "fc" {
            notices += host.fibreChannel.flatMap(\.lines)
            if host.fibreChannel.isEmpty { refuse(field, "This host has no Fibre Channel port.") }
        }
        if field == .rescan, value == "yes", stopsAtPlan { notices.append("Nothing was changed (--dry-run).") }
        // It is left out then: a smaller network is to be named.
        if field == .largeScan, value == "no" { given.subtract([.subnet, .largeScan]) }
        if field != .confirm { given.remove(.confirm) }
    }

    /// Portals that were not chosen before, where not all of both are the target's own by what was found: somebody else may answer there.
    private func leadsElsewhere(_ value: String) -> Bool {
        let question = question(.portals)
        let (old, new) = (question.values(answers[.portals] ?? ""), question.values(value))
        return !new.allSatisfy(old.contains) && !(old + new).allSatisfy { portal in question.choices.contains { $0.value == portal } }
    }

    private mutating func forgetWhatItLedTo(_ field: Field) {
        planned = nil
        if field == .discoverySecret || field == .discoveryMutualSecret { found = nil }
    }

    /// To a question that was answered before; without one, to the last. False where there is none.
    package mutating func goBack(to field: Field? = nil) -> Bool {
        let (path, step) = position
        var earlier = path[...]
        if case .ask = step { earlier = path.dropLast() }
        guard let field = field ?? earlier.last, earlier.contains(field) else { return false }
        isStuck = false
        given.remove(field)
        given.remove(.confirm)
        return true
    }

    /// An answer that turned out to be none, by what is known outside of here: a file that cannot be read, a secret that breaks a rule.
    package mutating func refuse(_ field: Field, _ reason: String) {
        given.remove(field)
        // Whatever it was, it may have been the secret itself.
        if field.isSecret { answers[field] = nil }
        notices.append(reason)
    }

    package mutating func fail(_ outcome: ISCSIOutcome, _ detail: String) {
        let advice = Self.advice(outcome).map { ". Next: \($0)." } ?? "."
        notices.append("\(outcome.rawValue): \(detail)\(advice)")
        if outcome == .mutualAuthenticationFailed {
            notices.append("Warning: what answers there may be another machine that poses as the storage system.")
        }
        guard let field = Self.question(after: outcome, at: stage) else { return }
        switch outcome {
        // Those that were refused may have been a record's.
        case .authenticationWanted, .wrongUserOrSecret, .mutualAuthenticationFailed:
            if case .discovery = stage { guarded = place } else if let target { wanting.insert(target.name) }
        case .serviceDown: needsService = true
        default: break
        }
        planned = nil
        if field == .again { isStuck = true }
        if case .discovery = stage { found = nil }
        given.subtract([field, .confirm])
        // A target does not say which of the two was wrong.
        if outcome == .wrongUserOrSecret { given.remove(field == .chapUser ? .chapSecret : .discoverySecret) }
        // A secret that is not given at all is asked for with its user.
        if field == .mutualSecret || field == .discoveryMutualSecret, answers[field] == nil {
            given.remove(field == .mutualSecret ? .mutual : .discoveryMutual)
        }
        // Nothing is tried again before somebody was asked.
        if case .ask = step {} else { isStuck = true }
    }

    private var stage: Stage {
        guard let source, found == nil || found?.search != search else {
            return .connection(isBound: (answers[.interface] ?? "default") != "default")
        }
        return .discovery(source: source)
    }

    package mutating func discovered(_ report: DiscoveryReport, by search: Search) {
        notices += report.notes
        guard !report.targets.isEmpty else {
            found = nil
            if let problem = report.problems.first(where: \.isNamed) ?? report.problems.first {
                return fail(problem.outcome, "\(problem.address): \(problem.detail)")
            }
            return fail(.targetNotFound, "no storage system was found there")
        }
        for problem in report.problems { notices.append("\(problem.address): \(problem.outcome.rawValue): \(problem.detail)") }
        if !isGuarded, report.problems.contains(where: { $0.outcome == .authenticationWanted }) {
            notices.append("To give a portal discovery's user and secret: b find, then address, and its address.")
        }
        let count = report.targets.count
        notices.append("\(count) storage system\(count == 1 ? " was" : "s were") found.")
        found = (search, report.targets)
    }

    /// `lines` are shown before it is confirmed.
    package mutating func planned(_ connection: Connection, _ lines: [String]) {
        planned = connection
        notices += lines
    }

    package mutating func connected() { isConnected = true }

    package mutating func rescanned(_ lines: [String]) {
        isLooked = true
        notices += lines
    }
}
