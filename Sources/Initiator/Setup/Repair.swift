import Files
import Glibc
import ISCSI
import Identifiers

/// Finds sessions that do not work, and makes them work: what iscsid does not bring back by itself is ended and made anew, where nobody uses it.
package struct Repair: Sendable {
    let database: RecordDatabase
    let iscsiadm: Iscsiadm
    let state: @Sendable () throws(SetupError) -> HostState
    /// Why the portal does not let anybody log in to the target, of that spelling; nil where it begins a login.
    let obstacle: @Sendable (PortalAddress, String) -> PortalProbe.Failure?
    /// How long iscsid has to bring a session back whose portal answers.
    let patience: Duration
    let interruption: Interruption

    package init(
        database: RecordDatabase, iscsiadm: Iscsiadm, patience: Duration = .seconds(20), interruption: Interruption = .none,
        obstacle: @escaping @Sendable (PortalAddress, String) -> PortalProbe.Failure?,
        state: @escaping @Sendable () throws(SetupError) -> HostState
    ) {
        self.database = database
        self.iscsiadm = iscsiadm
        self.patience = patience
        self.interruption = interruption
        self.obstacle = obstacle
        self.state = state
    }

    /// What was wrong, and what became of it.
    package struct Finding: Hashable, Sendable {
        package var subject: String
        package var problem: String
        package var outcome: ISCSIOutcome
        package var detail: String
    }

    /// A signal ends it between two of them; what was repaired stays so.
    package func run(of target: ISCSIName?) throws(SetupError) -> [Finding] {
        var findings: [Finding] = []
        interruption.hold(
            Interruption.Texts(
                "interrupted: ending when the repair under way is over; once more ends at once",
                again: "ended at once: a session may be half-way made; quartermaster-agent iscsi sessions shows those that stand"))
        var tried: Set<RecordName> = []
        for session in try state().sessions where target == nil || session.target == target {
            try check(after: findings)
            if !session.isLoggedIn { findings.append(try repair(session, &tried)) }
        }
        for session in try state().sessions where session.isLoggedIn && (target == nil || session.target == target) {
            for unit in session.units where unit.state.map({ $0 != "running" && $0 != "created" }) ?? false {
                try check(after: findings)
                findings.append(try repair(unit))
            }
        }
        try addMissing(to: &findings, target, tried)
        return findings
    }

    private func check(after findings: [Finding]) throws(SetupError) {
        do throws(SetupError) { try interruption.check() } catch {
            let done = findings.map { "\($0.subject): \($0.detail)" }.joined(separator: "; ")
            throw .outcome(.interrupted, detail: "\(error): \(done.isEmpty ? "nothing was changed" : done)")
        }
    }

    private func repair(_ session: LiveSession, _ tried: inout Set<RecordName>) throws(SetupError) -> Finding {
        let subject = "session \(session.number) to \(session.target) at \(session.portal)"
        let problem = "its state is \(session.state)"
        guard let portal = session.recorded ?? PortalAddress(session.portal) else {
            return Finding(subject: subject, problem: problem, outcome: .initiatorMisconfigured, detail: "\(session.portal) is no portal")
        }
        let name = try database.entries(of: session.target).map(\.name).first(where: { session.isOf($0) })
        if let obstacle = obstacle(portal, name?.spelling ?? session.target.description) {
            return Finding(
                subject: subject, problem: problem, outcome: obstacle.outcome,
                detail: "\(obstacle.detail); the session comes back by itself when a login is possible again")
        }
        let deadline = ContinuousClock().now + patience
        while ContinuousClock().now < deadline {
            guard let now = try state().sessions.first(where: { $0.number == session.number }) else { break }
            if now.isLoggedIn { return Finding(subject: subject, problem: problem, outcome: .done, detail: "it came back by itself") }
            pause(.milliseconds(500))
        }
        let users = try state().users(of: session.units.map(\.name)).filter { $0.kind != .multipath }
        guard users.isEmpty else {
            return Finding(
                subject: subject, problem: problem, outcome: .inUse,
                detail:
                    "its portal answers and it does not come back; it cannot be made anew while \(users.map(\.description).joined(separator: ", "))"
            )
        }
        let out = try iscsiadm.logout(session: session.number)
        guard let name else {
            return Finding(subject: subject, problem: problem, outcome: out.outcome, detail: "ended; there is no record to make it anew by")
        }
        tried.insert(name)
        let answer = try iscsiadm.login(name)
        return Finding(
            subject: subject, problem: problem, outcome: answer.outcome,
            detail: answer.outcome == .done ? "ended and made anew" : answer.detail)
    }

    /// A disk that the kernel gave up, though its session works.
    private func repair(_ unit: LiveSession.Unit) throws(SetupError) -> Finding {
        let subject = "the disk \(unit.name)"
        let problem = "its state is \(unit.state ?? "")"
        do throws(FileError) {
            try FileDescriptor(opening: "\(database.tree.sysfs)/block/\(unit.name)/device/state", flags: O_WRONLY).writeAll(
                Array("running".utf8))
            return Finding(subject: subject, problem: problem, outcome: .done, detail: "set to running")
        } catch {
            return Finding(subject: subject, problem: problem, outcome: .initiatorMisconfigured, detail: "\(error)")
        }
    }

    /// Sessions that records want, and that are not there, nor were just `tried`.
    private func addMissing(to findings: inout [Finding], _ target: ISCSIName?, _ tried: Set<RecordName>) throws(SetupError) {
        let sessions = try state().sessions
        let found = try database.all(of: target)
        for fault in found.faults {
            findings.append(
                Finding(subject: "open-iscsi's records", problem: "one cannot be read", outcome: fault.outcome, detail: fault.description))
        }
        for entry in found.entries {
            let name = entry.name
            guard entry.record.text("node.startup") == "automatic", !tried.contains(name), !sessions.contains(where: { $0.isOf(name) })
            else { continue }
            try check(after: findings)
            let subject = "the record of \(name.spelling) at \(name.portal)"
            let problem = "it starts by itself, and has no session"
            // iscsid would try for minutes. Another interface may lead where this question does not go.
            if name.interface == "default", let portal = name.portalAddress, let obstacle = obstacle(portal, name.spelling) {
                findings.append(Finding(subject: subject, problem: problem, outcome: obstacle.outcome, detail: obstacle.detail))
                continue
            }
            let answer = try iscsiadm.login(name)
            findings.append(
                Finding(
                    subject: subject, problem: problem, outcome: answer.outcome,
                    detail: answer.outcome == .done ? "logged in" : answer.detail))
        }
    }
}
