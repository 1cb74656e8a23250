import ISCSI
import Identifiers
import Inventory

/// Carries a plan out as a transaction: what was there goes to the journal, then records are written, sessions made, and verified; else all of it is
/// taken back. Interrupted at any point, the next run takes it back first, or leaves it where it stands by then (`recover`).
package struct Setup: Sendable {
    package let database: RecordDatabase
    package let journal: SetupJournal
    package let iscsiadm: Iscsiadm
    /// `boot_id` of this start of the host.
    let boot: String
    /// What the kernel shows now.
    let state: @Sendable () throws(SetupError) -> HostState
    /// How often the kernel is looked at while something is waited for.
    let pollingInterval: Duration
    /// How long sessions may take to go.
    let logoutDeadline: Duration
    package let interruption: Interruption
    /// Told of each durable step. A test throws to break off there.
    let reached: @Sendable (SetupStep) throws(SetupError) -> Void

    package init(
        database: RecordDatabase, journal: SetupJournal, iscsiadm: Iscsiadm, boot: String, pollingInterval: Duration = .milliseconds(200),
        logoutDeadline: Duration = .seconds(60), interruption: Interruption = .none,
        state: (@Sendable () throws(SetupError) -> HostState)? = nil,
        reached: @escaping @Sendable (SetupStep) throws(SetupError) -> Void = { _ throws(SetupError) in }
    ) {
        self.database = database
        self.journal = journal
        self.iscsiadm = iscsiadm
        self.boot = boot
        self.pollingInterval = pollingInterval
        self.logoutDeadline = logoutDeadline
        self.interruption = interruption
        let tree = database.tree
        if let state { self.state = state } else { self.state = { () throws(SetupError) in try HostState.read(tree) } }
        self.reached = reached
    }

    /// What became of a plan.
    package struct Result: Sendable {
        package var outcome: ISCSIOutcome
        package var detail: String
        package var sessions: [LiveSession] = []
        /// Multipath maps over their units, by the unit's kernel name.
        package var maps: [String: Inventory.BlockDevice] = [:]
        package var isRolledBack = false
        /// Why taking it back did not come to its end; the next run goes on with it.
        package var leftOver: String?

        package init(outcome: ISCSIOutcome, detail: String, sessions: [LiveSession] = []) {
            self.outcome = outcome
            self.detail = detail
            self.sessions = sessions
        }
    }

    /// The journal's lock is held by the caller, and nothing is left to recover. A signal has all of it taken back.
    package func run(_ plan: SetupPlan) throws(SetupError) -> Result {
        let standing = try state().sessions.filter { session in plan.logins.contains { session.isOf($0) } }
        var entry = SetupJournal.Entry(
            operation: plan.operation, target: plan.target,
            changes: plan.changes.map { SetupJournal.Entry.Change(before: $0.before, after: $0.after) },
            folders: try database.existingFolders(of: plan.changes.map(\.before)), logins: plan.logins, boot: boot,
            standing: Set(standing.map(\.number)))
        interruption.hold(Self.texts(plan))
        try journal.write(entry)
        try reached(.journalWritten)
        var result: Result
        var hasWritten = false
        do throws(SetupError) {
            try write(plan, &hasWritten)
            result = try logInAndVerify(plan, &entry)
            try interruption.check()
        } catch {
            if case .interrupted = error { throw error }
            result = Result(outcome: error.outcome, detail: error.description)
        }
        guard result.outcome == .connected || result.outcome == .done else {
            if hasWritten || entry.hasBegunLogins { return try takingBack(result, entry) }
            try journal.remove()
            if result.outcome == .interrupted { result.detail += ": nothing was changed" }
            return result
        }
        try reached(.verified)
        try journal.remove()
        try reached(.journalRemoved)
        return result
    }

    private static func texts(_ plan: SetupPlan) -> Interruption.Texts {
        Interruption.Texts(
            "interrupted: what was begun is taken back when the step under way is over; once more ends at once",
            again: """
                ended at once: what was begun is left half-done; quartermaster-agent iscsi repair \(plan.target) takes it back now, else the next iscsi \
                command that changes something
                """)
    }

    /// `run`, of a plan without sessions to make. Throws what kept it from being done.
    package func carryOut(_ plan: SetupPlan) throws(SetupError) {
        let result = try run(plan)
        guard result.outcome != .done else { return }
        throw .outcome(result.outcome, detail: result.detail + (result.leftOver.map { ". Not all could be taken back: \($0)" } ?? ""))
    }

    private func takingBack(_ result: Result, _ entry: SetupJournal.Entry) throws(SetupError) -> Result {
        var (result, entry) = (result, entry)
        do throws(SetupError) {
            // What was interrupted is not wrong: where it is in use by then, the next command leaves it.
            if result.outcome != .interrupted {
                entry.hasFailed = true
                journal.noteFailure(entry)
            }
            let kept = try takeBack(entry, wasKilled: false)
            result.isRolledBack = kept.isEmpty
            if kept.isEmpty, result.outcome == .interrupted { result.detail += ": all of it was taken back" }
            if !kept.isEmpty { result.leftOver = "somebody else changed \(kept.joined(separator: ", ")) meanwhile: left as it is" }
        } catch {
            if case .interrupted = error { throw error }
            result.leftOver = error.description
        }
        return result
    }

    private func write(_ plan: SetupPlan, _ hasWritten: inout Bool) throws(SetupError) {
        if plan.changes.isEmpty { return }
        try database.lock.whileHeld(waiting: interruption.check) { () throws(SetupError) in
            try reached(.locked)
            for change in plan.changes where try database.image(change.before.path) != change.before {
                // Somebody changed it since the plan was made; nothing was written yet.
                throw .outcome(
                    .initiatorMisconfigured,
                    detail: "\(database.tree.records)/\(change.before.path) was changed meanwhile; run the command again")
            }
            hasWritten = true
            for change in plan.changes {
                try interruption.check()
                try database.put(change.after)
                try reached(.fileWritten)
            }
            if plan.operation == .forget {
                try database.removeEmpty(Set(plan.changes.flatMap(\.after.folders)).filter { $0.split(separator: "/").count > 1 })
            }
        }
        try reached(.unlocked)
    }

    private func logInAndVerify(_ plan: SetupPlan, _ entry: inout SetupJournal.Entry) throws(SetupError) -> Result {
        if !plan.logins.isEmpty {
            entry.hasBegunLogins = true
            try journal.write(entry)
            try reached(.loginsBegun)
        }
        for login in plan.logins {
            // iscsid goes on with a login that was asked for: each is waited for, so that it can be taken back.
            try interruption.check()
            let answer = try iscsiadm.login(login)
            if answer.outcome == .alreadyConnected {
                // Somebody else made it since the plan was: it will do, and stays in any case.
                entry.standing.formUnion(try state().sessions(of: login).map(\.number))
                try journal.write(entry)
            } else if answer.outcome != .done {
                return Result(outcome: answer.outcome, detail: "logging in to \(login.spelling) at \(login.portal): \(answer.detail)")
            }
            try reached(.loggedIn)
        }
        guard plan.operation == .connect else { return Result(outcome: .done, detail: "") }
        return try Verification(plan: plan, state: state, pollingInterval: pollingInterval, interruption: interruption).run()
    }
}
