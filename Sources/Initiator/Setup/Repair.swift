import Files
import Glibc
import ISCSI
import Identifiers

/// Finds sessions that do not work, and makes them work: what iscsid does not bring back by itself is ended and made anew, where nobody uses it.
package struct Repair: Sendable {
    let database: RecordDatabase
    let iscsiadm: Iscsiadm
    let state: @Sendable () throws(SetupError) -> HostState
    /// Whether a portal answers.
    let reaches: @Sendable (PortalAddress) -> Bool
    /// How long iscsid has to bring a session back whose portal answers.
    let patience: Duration

    package init(
        database: RecordDatabase, iscsiadm: Iscsiadm, patience: Duration = .seconds(20),
        reaches: @escaping @Sendable (PortalAddress) -> Bool, state: @escaping @Sendable () throws(SetupError) -> HostState
    ) {
        self.database = database
        self.iscsiadm = iscsiadm
        self.patience = patience
        self.reaches = reaches
        self.state = state
    }

    /// What was wrong, and what became of it.
    package struct Finding: Hashable, Sendable {
        package var subject: String
        package var problem: String
        package var outcome: ISCSIOutcome
        package var detail: String
    }

    package func run(of target: ISCSIName?) throws(SetupError) -> [Finding] {
        var findings: [Finding] = []
        for session in try state().sessions where target == nil || session.target == target {
            if !session.isLoggedIn { findings.append(try repair(session)) }
        }
        for session in try state().sessions where session.isLoggedIn && (target == nil || session.target == target) {
            for unit in session.units where unit.state.map({ $0 != "running" && $0 != "created" }) ?? false {
                findings.append(try repair(unit))
            }
        }
        findings += try missing(target)
        return findings
    }

    private func repair(_ session: LiveSession) throws(SetupError) -> Finding {
        let subject = "session \(session.number) to \(session.target) at \(session.portal)"
        let problem = "its state is \(session.state)"
        guard let portal = PortalAddress(session.portal), reaches(portal) else {
            return Finding(
                subject: subject, problem: problem, outcome: .unreachable,
                detail: "the portal does not answer; the session comes back by itself when it does")
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
        guard let name = try database.entries(of: session.target).map(\.name).first(where: { session.isOf($0) }) else {
            return Finding(subject: subject, problem: problem, outcome: out.outcome, detail: "ended; there is no record to make it anew by")
        }
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

    /// Sessions that records want, and that are not there.
    private func missing(_ target: ISCSIName?) throws(SetupError) -> [Finding] {
        let sessions = try state().sessions
        var findings: [Finding] = []
        for entry in try database.all().entries where target == nil || entry.name.target == target {
            guard entry.record.text("node.startup") == "automatic", !sessions.contains(where: { $0.isOf(entry.name) }) else { continue }
            let answer = try iscsiadm.login(entry.name)
            findings.append(
                Finding(
                    subject: "the record of \(entry.name.spelling) at \(entry.name.portal)",
                    problem: "it starts by itself, and has no session",
                    outcome: answer.outcome, detail: answer.outcome == .done ? "logged in" : answer.detail))
        }
        return findings
    }
}
