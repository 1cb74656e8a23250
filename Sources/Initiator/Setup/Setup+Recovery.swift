import ISCSI
import Identifiers

extension Setup {
    /// What became of what an interrupted run had begun.
    package enum Recovery: Hashable, Sendable {
        /// Its sessions are gone and its files as before, but for those that somebody else changed since, by their paths.
        case takenBack(SetupJournal.Entry, kept: [String])
        /// Its sessions stand, and its files with them.
        case left(SetupJournal.Entry, because: String)
    }

    /// What an interrupted run had begun is taken back, or left where its sessions have come to be of use since. Nil where there is nothing of the kind.
    ///
    /// Throws `.outcome(.inUse, …)` where something uses what came through a session that was not as expected; nothing of the journal is lost then.
    package func recover() throws(SetupError) -> Recovery? {
        guard let entry = try journal.load() else { return nil }
        guard !entry.hasFailed, let reason = try reasonToLeave(entry) else {
            return .takenBack(entry, kept: try takeBack(entry, wasKilled: true))
        }
        try database.lock.whileHeld(wasKilled: true) { () throws(SetupError) in try database.removeTemporaryFiles() }
        try journal.remove()
        try reached(.journalRemoved)
        return .left(entry, because: reason)
    }

    private func reasonToLeave(_ entry: SetupJournal.Entry) throws(SetupError) -> String? {
        let now = try state()
        // Numbers of before mean nothing after a start.
        if entry.boot != boot {
            let stands = now.sessions.contains { session in entry.logins.contains { session.isOf($0) } }
            return stands ? "it was connected again when this host started" : nil
        }
        guard entry.hasBegunLogins else { return nil }
        let users = Self.users(of: entry.sessions(in: now), now)
        return users.isEmpty ? nil : users
    }

    /// Ends the sessions that are this run's, and puts the files back that are as it left them. Returns the paths of the others.
    ///
    /// - Parameter wasKilled: The run that left them was, perhaps while it held open-iscsi's lock.
    func takeBack(_ entry: SetupJournal.Entry, wasKilled: Bool) throws(SetupError) -> [String] {
        if entry.hasBegunLogins {
            var entry = entry
            if entry.boot != boot { entry.standing = [] }
            try endSessions(of: entry)
        }
        var kept: [String] = []
        try database.lock.whileHeld(wasKilled: wasKilled) { () throws(SetupError) in
            try database.removeTemporaryFiles()
            var fault: SetupError?
            for change in entry.changes.reversed() {
                do throws(SetupError) {
                    if try !restore(change) { kept.append("\(database.tree.records)/\(change.before.path)") }
                } catch {
                    if case .interrupted = error { throw error }
                    // What can be taken back without room on the disk is, though another file cannot.
                    fault = fault ?? error
                }
            }
            try database.removeEmpty(Set(entry.changes.flatMap(\.before.folders)).subtracting(entry.folders))
            if let fault { throw fault }
        }
        try journal.remove()
        try reached(.journalRemoved)
        return kept
    }

    /// False where neither what was before nor what the run left is there: that is somebody else's.
    private func restore(_ change: SetupJournal.Entry.Change) throws(SetupError) -> Bool {
        let now: FileImage
        do throws(SetupError) {
            now = try database.image(change.before.path)
        } catch {
            if error.isOfSomethingElse { return false }
            throw error
        }
        guard now == change.after else { return now == change.before }
        try database.put(change.before)
        try reached(.fileRestored)
        return true
    }

    /// Until none of them is there, twice in a row: iscsid may be about to make one that was asked for just before.
    private func endSessions(of entry: SetupJournal.Entry) throws(SetupError) {
        let deadline = ContinuousClock().now + logoutDeadline
        var quiet = 0
        var last = ""
        while quiet < 2 {
            let now = try state()
            let sessions = entry.sessions(in: now)
            let users = Self.users(of: sessions, now)
            guard users.isEmpty else { throw .outcome(.inUse, detail: "cannot take the sessions to \(entry.target) back: \(users)") }
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

    /// Who uses what came through sessions, in words; a multipath map goes with them.
    private static func users(of sessions: [LiveSession], _ now: HostState) -> String {
        now.users(of: sessions.flatMap { $0.units.map(\.name) }).filter { $0.kind != .multipath }.map(\.description).joined(separator: ", ")
    }
}
