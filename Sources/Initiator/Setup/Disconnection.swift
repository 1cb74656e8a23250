import ISCSI
import Identifiers

/// Ends sessions that nobody uses.
package struct Disconnection: Sendable {
    package let sessions: [LiveSession]
    /// Maps over their units that nothing lies on.
    package let maps: [String]
    /// Who uses what came through them; the maps are not among them where they may go.
    package let users: [HostState.User]

    /// The sessions to a target; of one portal where that is given. With `flushesMaps`, multipath maps that nobody uses go too.
    package init(from target: ISCSIName, at portals: [PortalAddress], in state: HostState, flushesMaps: Bool) {
        sessions = state.sessions.filter { session in
            session.target == target && (portals.isEmpty || portals.contains(where: session.isAt))
        }
        let users = state.users(of: sessions.flatMap { $0.units.map(\.name) })
        let isMapUsed = users.contains { $0.kind != .multipath }
        maps = flushesMaps && !isMapUsed ? Set(users.map(\.name)).sorted() : []
        self.users = maps.isEmpty ? users : []
    }

    /// Throws `.inUse` with everybody who uses them.
    package func check(_ target: ISCSIName) throws(SetupError) {
        guard !sessions.isEmpty else { throw .noSession(to: target) }
        guard users.isEmpty else {
            let hint =
                users.allSatisfy { $0.kind == .multipath } ? "; run multipath -f \(users[0].name), or give --flush-multipath" : ""
            throw .outcome(.inUse, detail: users.map(\.description).joined(separator: ", ") + hint)
        }
    }

    package func lines() -> [String] {
        maps.map { "multipath -f \($0)" }
            + sessions.map {
                "end session \($0.number) to \($0.target) at \($0.portal)\n    iscsiadm \(Iscsiadm.logoutArguments(session: $0.number).joined(separator: " "))"
            }
    }

    /// What was done before a failure, or a signal, stays done: the command can be run again.
    package func run(
        _ iscsiadm: Iscsiadm, multipath: ExternalProgram?, interruption: Interruption = .none, state: () throws(SetupError) -> HostState
    ) throws(SetupError) {
        interruption.hold(
            Interruption.Texts(
                "interrupted: ending when the session under way has ended; once more ends at once",
                again: "ended at once: sessions may still be ending; quartermaster-agent iscsi sessions shows those that stand"))
        for map in maps {
            try check(interruption, flushed: maps.prefix { $0 != map }, ended: 0)
            let result = try multipath?.run(["-f", map], deadline: .seconds(60))
            guard result?.status == 0 else {
                throw .outcome(
                    .inUse, detail: "the multipath map \(map) cannot be flushed: \(result?.detail ?? "there is no multipath program")")
            }
        }
        for (index, session) in sessions.enumerated() {
            try check(interruption, flushed: maps[...], ended: index)
            let answer = try iscsiadm.logout(session: session.number)
            guard answer.outcome == .done || answer.status == .noObjectsFound || answer.status == .sessionNotFound else {
                throw .outcome(answer.outcome, detail: "ending session \(session.number) at \(session.portal): \(answer.detail)")
            }
        }
        let deadline = ContinuousClock().now + .seconds(30)
        let numbers = Set(sessions.map(\.number))
        while try state().sessions.contains(where: { numbers.contains($0.number) }) {
            guard ContinuousClock().now < deadline else { throw .outcome(.timedOut, detail: "the sessions do not end") }
            try check(interruption, flushed: maps[...], ended: sessions.count)
            pause(.milliseconds(200))
        }
    }

    /// Throws with what was done where a signal came.
    private func check(_ interruption: Interruption, flushed: ArraySlice<String>, ended: Int) throws(SetupError) {
        do throws(SetupError) { try interruption.check() } catch {
            let flushed = flushed.isEmpty ? "" : "flushed: \(flushed.joined(separator: ", ")); "
            let done = ended == 0 && flushed.isEmpty ? "nothing was changed" : "\(flushed)\(ended) of \(sessions.count) sessions were ended"
            throw .outcome(.interrupted, detail: "\(error): \(done)")
        }
    }
}
