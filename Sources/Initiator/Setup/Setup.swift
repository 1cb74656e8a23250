import ISCSI
import Identifiers
import Inventory

/// Carries a plan out as a transaction: what was there goes to the journal, then records are written, sessions made, and verified; else all of it is
/// taken back. Interrupted at any point, the next run takes it back first (`recover`).
package struct Setup: Sendable {
    package let database: RecordDatabase
    package let journal: SetupJournal
    package let iscsiadm: Iscsiadm
    /// What the kernel shows now.
    let state: @Sendable () throws(SetupError) -> HostState
    /// How often the kernel is looked at while something is waited for.
    let pollingInterval: Duration
    /// How long sessions may take to go.
    let logoutDeadline: Duration
    /// Told of each durable step. A test throws to break off there.
    let reached: @Sendable (SetupStep) throws(SetupError) -> Void

    package init(
        database: RecordDatabase, journal: SetupJournal, iscsiadm: Iscsiadm, pollingInterval: Duration = .milliseconds(200),
        logoutDeadline: Duration = .seconds(60), state: (@Sendable () throws(SetupError) -> HostState)? = nil,
        reached: @escaping @Sendable (SetupStep) throws(SetupError) -> Void = { _ throws(SetupError) in }
    ) {
        self.database = database
        self.journal = journal
        self.iscsiadm = iscsiadm
        self.pollingInterval = pollingInterval
        self.logoutDeadline = logoutDeadline
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

    /// The journal's lock is held by the caller, and nothing is left to recover.
    package func run(_ plan: SetupPlan) throws(SetupError) -> Result {
        try journal.write(
            SetupJournal.Entry(
                operation: plan.operation, target: plan.target, before: plan.changes.map(\.before),
                folders: try database.existingFolders(of: plan.changes.map(\.before)), logins: plan.logins))
        try reached(.journalWritten)
        var result: Result
        do throws(SetupError) {
            try write(plan)
            result = try logInAndVerify(plan)
        } catch {
            if case .interrupted = error { throw error }
            result = Result(outcome: error.outcome, detail: error.description)
        }
        guard result.outcome == .connected || result.outcome == .done else { return try takingBack(result) }
        try reached(.verified)
        try journal.remove()
        try reached(.journalRemoved)
        return result
    }

    /// `run`, of a plan without sessions to make. Throws what kept it from being done.
    package func carryOut(_ plan: SetupPlan) throws(SetupError) {
        let result = try run(plan)
        if result.outcome != .done { throw .outcome(result.outcome, detail: result.detail) }
    }

    private func takingBack(_ result: Result) throws(SetupError) -> Result {
        var result = result
        do throws(SetupError) {
            _ = try recover()
            result.isRolledBack = true
        } catch {
            if case .interrupted = error { throw error }
            result.leftOver = error.description
        }
        return result
    }

    private func write(_ plan: SetupPlan) throws(SetupError) {
        if plan.changes.isEmpty { return }
        try database.lock.whileHeld { () throws(SetupError) in
            try reached(.locked)
            for change in plan.changes where try database.image(change.before.path) != change.before {
                // Somebody changed it since the plan was made: nothing was written yet, and theirs is not to be put back.
                try journal.remove()
                throw .outcome(
                    .initiatorMisconfigured,
                    detail: "\(database.tree.configuration)/\(change.before.path) was changed meanwhile; run the command again")
            }
            for change in plan.changes {
                try database.put(change.after)
                try reached(.fileWritten)
            }
            if plan.operation == .forget {
                try database.removeEmpty(Set(plan.changes.flatMap(\.after.folders)).filter { $0.split(separator: "/").count > 1 })
            }
        }
        try reached(.unlocked)
    }

    private func logInAndVerify(_ plan: SetupPlan) throws(SetupError) -> Result {
        for login in plan.logins {
            let answer = try iscsiadm.login(login)
            guard answer.outcome == .done else {
                return Result(outcome: answer.outcome, detail: "logging in to \(login.spelling) at \(login.portal): \(answer.detail)")
            }
            try reached(.loggedIn)
        }
        guard plan.operation == .connect else { return Result(outcome: .done, detail: "") }
        return try Verification(plan: plan, state: state, pollingInterval: pollingInterval).run()
    }
}

extension Setup {
    /// What an interrupted run had begun is taken back: its sessions end, its files are as before. Nil where there is nothing of the kind.
    ///
    /// Throws `.outcome(.inUse, …)` where something uses what came through a session meanwhile; nothing of the journal is lost then.
    package func recover() throws(SetupError) -> SetupJournal.Entry? {
        guard let entry = try journal.load() else { return nil }
        try endSessions(of: entry)
        try database.lock.whileHeld(wasKilled: true) { () throws(SetupError) in
            try database.removeTemporaryFiles()
            for image in entry.before.reversed() {
                try database.put(image)
                try reached(.fileRestored)
            }
            try database.removeEmpty(Set(entry.before.flatMap(\.folders)).subtracting(entry.folders))
        }
        try journal.remove()
        try reached(.journalRemoved)
        return entry
    }

    /// Until none of them is there, twice in a row: iscsid may be about to make one that was asked for just before.
    private func endSessions(of entry: SetupJournal.Entry) throws(SetupError) {
        if entry.logins.isEmpty { return }
        let deadline = ContinuousClock().now + logoutDeadline
        var quiet = 0
        var last = ""
        while quiet < 2 {
            let now = try state()
            let sessions = now.sessions.filter { session in entry.logins.contains { session.isOf($0) } }
            let users = now.users(of: sessions.flatMap { $0.units.map(\.name) }).filter { $0.kind != .multipath }
            guard users.isEmpty else {
                throw .outcome(
                    .inUse, detail: "cannot take the sessions to \(entry.target) back: \(users.map(\.description).joined(separator: ", "))")
            }
            quiet = sessions.isEmpty ? quiet + 1 : 0
            for session in sessions {
                last = try iscsiadm.logout(session: session.number).detail
                try reached(.loggedOut)
            }
            if quiet < 2 {
                guard ContinuousClock().now < deadline else {
                    throw .outcome(.timedOut, detail: "the sessions to \(entry.target) do not end: \(last)")
                }
                pause(pollingInterval)
            }
        }
    }
}
