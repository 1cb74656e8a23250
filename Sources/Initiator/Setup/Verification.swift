import Glibc
import ISCSI
import Identifiers
import Inventory

/// Whether what a plan expects has come to be: looked at again and again, until it has or the deadline is over.
struct Verification {
    let plan: SetupPlan
    let state: @Sendable () throws(SetupError) -> HostState
    let pollingInterval: Duration
    var interruption = Interruption.none

    /// What is still missing, as the outcome that it will be at the deadline.
    struct Missing: Equatable {
        var outcome: ISCSIOutcome
        var detail: String
    }

    func run() throws(SetupError) -> Setup.Result {
        let deadline = ContinuousClock().now + plan.expectation.deadline
        while true {
            let now = try state()
            let sessions = now.sessions.filter { session in plan.logins.contains { session.isOf($0) } }
            guard let missing = missing(now, sessions) else {
                var result = Setup.Result(outcome: .connected, detail: "", sessions: sessions)
                for unit in sessions.flatMap(\.units) { result.maps[unit.name] = now.map(over: unit.name) }
                return result
            }
            if missing.outcome == .wwidNotAsExpected && isSettled(sessions) || ContinuousClock().now >= deadline {
                return Setup.Result(outcome: missing.outcome, detail: missing.detail, sessions: sessions)
            }
            pause(pollingInterval)
            try interruption.check()
        }
    }

    /// Every session shows as many units: none is still being found, as far as can be told. Only asked where units are there, and others than expected.
    private func isSettled(_ sessions: [LiveSession]) -> Bool {
        sessions.count == plan.logins.count * plan.expectation.sessions
            && sessions.allSatisfy { session in
                session.units.count >= max(1, plan.expectation.wwids.count) && session.units.allSatisfy { $0.wwid != nil }
            }
    }

    func missing(_ now: HostState, _ sessions: [LiveSession]) -> Missing? {
        for login in plan.logins {
            let own = sessions.filter { $0.isOf(login) }
            guard own.count >= plan.expectation.sessions, own.allSatisfy(\.isLoggedIn) else {
                let states = own.map(\.state).joined(separator: ", ")
                return Missing(
                    outcome: .timedOut,
                    detail:
                        "the session to \(login.spelling) at \(login.portal) is not logged in (\(own.isEmpty ? "there is none" : states))")
            }
        }
        for session in sessions {
            guard !session.units.isEmpty else {
                return Missing(
                    outcome: .timedOut,
                    detail:
                        "no logical unit came through session \(session.number) at \(session.portal); let the storage administrator map one to this host"
                )
            }
            guard session.units.allSatisfy({ $0.wwid != nil }) else {
                return Missing(outcome: .timedOut, detail: "the WWIDs of session \(session.number)'s units are not known yet")
            }
        }
        // Through each: one portal of two may be another system's, or have another volume behind the number.
        for session in sessions {
            let seen = Set(session.units.compactMap(\.wwid))
            let lacking = plan.expectation.wwids.filter { !seen.contains($0) }
            guard lacking.isEmpty else {
                return Missing(
                    outcome: .wwidNotAsExpected,
                    detail: """
                        expected \(lacking.map(\.description).joined(separator: ", ")) through session \(session.number) at \(session.portal), and there is \
                        \(seen.sorted().map(\.description).joined(separator: ", "))
                        """)
            }
        }
        return plan.expectation.multipath ? missingMap(now, sessions) : nil
    }

    /// A unit with several paths lies below one map, with all of them: also those that were there before, through other portals and adapters. And no
    /// map has paths of two units.
    private func missingMap(_ now: HostState, _ sessions: [LiveSession]) -> Missing? {
        let disks = now.devices.filter { $0.kind == "disk" && $0.wwid != nil }
        for wwid in Set(sessions.flatMap(\.units).compactMap(\.wwid)).sorted() {
            let paths = disks.filter { $0.wwid == wwid }.map(\.name).sorted()
            let maps = paths.map { now.map(over: $0) }
            let parents = Set(maps.compactMap { $0 }.flatMap(\.parents))
            if let stranger = disks.first(where: { $0.wwid != wwid && parents.contains($0.name) }), let map = now.map(over: stranger.name) {
                return Missing(
                    outcome: .wwidNotAsExpected,
                    detail: """
                        the multipath map \(map.mapName ?? map.name) lies over \(paths.joined(separator: ", ")) (\(wwid)) and over \(stranger.name), which is \
                        \(stranger.wwid?.description ?? "another unit")
                        """)
            }
            let names = Set(maps.compactMap { $0 }.map { $0.mapName ?? $0.name })
            if names.count > 1 {
                return Missing(
                    outcome: .initiatorMisconfigured,
                    detail: """
                        the paths \(paths.joined(separator: ", ")) are of one unit (\(wwid)) and lie below several multipath maps, \
                        \(names.sorted().joined(separator: ", ")); see multipath -v3 and /etc/multipath.conf, or give --no-multipath
                        """)
            }
            if paths.count > 1, maps.contains(where: { $0 == nil }) {
                return Missing(
                    outcome: .timedOut,
                    detail: """
                        no multipath map over \(paths.joined(separator: ", ")) (\(wwid)); see multipath -v3 and /etc/multipath.conf, or give --no-multipath
                        """)
            }
        }
        return nil
    }
}

/// Waits; a signal may cut it short.
func pause(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
}
