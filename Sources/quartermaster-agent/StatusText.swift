import AgentCore
import Identifiers

/// `status` for people: a name and a value a line, problems with their remedies last.
enum StatusText {
    /// The whole host: how it is in one line, problems, the daemon, then each registration.
    static func lines(_ status: HostStatus, stateDirectory: String, now: Timestamp) -> [String] {
        var lines = [summary(status, stateDirectory: stateDirectory, now: now)]
        for problem in status.problems + status.registrations.flatMap(\.problems) {
            lines.append("problem: \(problem.text.printable)")
            lines.append("  remedy: \(problem.remedy.printable)")
        }
        if let daemon = status.daemon, status.isRunning {
            let helper =
                switch daemon.helper {
                case .unused: ""
                case .available: ", root helper available"
                case .missing: ", root helper missing"
                }
            lines.append("daemon: runs since \(daemon.startedAt), process \(daemon.process)\(helper)")
        } else if status.isRunning {
            lines.append("daemon: runs")
        }
        for registration in status.registrations { lines += [""] + Self.lines(registration) }
        return lines
    }

    private static func summary(_ status: HostStatus, stateDirectory: String, now: Timestamp) -> String {
        let count = status.problemCount
        let what: String
        if status.registrations.isEmpty {
            what = "not registered (nothing \(status.unusable.isEmpty ? "" : "that can be used ")under \(stateDirectory.printable))"
            if count == 0 { return what }
        } else {
            let last = status.registrations.compactMap(\.state.told.lastReportAt).max().map { "last report \(age(now - $0)) ago" }
            let plural = status.registrations.count == 1 ? "registration" : "registrations"
            what = "\(status.registrations.count) \(plural), \(last ?? "no report yet")"
        }
        return count == 0 ? "ok: \(what)" : "attention: \(count) \(count == 1 ? "problem" : "problems"); \(what)"
    }

    /// `40 s`, `12 min`, `5 h`, `9 d`.
    private static func age(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) d"
        }
    }

    static func lines(_ status: RegistrationStatus) -> [String] {
        let state = status.state
        var rows: [(String, String)] = [
            ("state", status.word + (status.refusal.map { $0 == status.word ? "" : " (\($0))" } ?? "")),
            ("pad", "\(state.pad.directory) (\(state.pad.padID))"),
            ("controller", "\(state.pad.controllerKey)\(state.pad.isTrustedOnFirstUse ? " (trusted on first use)" : "")"),
            ("account", (state.membership?.accountID ?? state.customer.accountID).text),
        ]
        if let domain = state.customer.domain { rows.append(("domain", domain)) }
        if let user = state.customer.user { rows.append(("registered by", user)) }
        if let membership = state.membership {
            rows.append(("host", membership.hostID.text))
            rows.append(("registered", membership.registeredAt.description))
            rows.append(("certificate until", membership.certificateExpires.description))
        }
        rows.append(("host key", state.key.fingerprint.description))
        rows.append(("level", "\(state.customer.level)\(state.customer.cluster.map { ", cluster \($0)" } ?? "")"))
        rows.append(("last report", state.told.lastReportAt?.description ?? "none"))
        rows.append(("last answer", state.told.lastAnswerAt?.description ?? "none"))
        if let seconds = state.intervalSeconds { rows.append(("interval", "\(seconds) s, set by the controller")) }
        for message in state.outbox {
            rows.append(("unanswered", "\(message.kind.rawValue) of \(message.createdAt), published \(message.attempts) times"))
        }
        for entry in status.pendingInstructions { rows.append(("instruction", "\(entry.instruction ?? "") since \(entry.at)")) }
        if state.counters.unverifiable > 0 {
            rows.append(("ignored", "\(state.counters.unverifiable) files on the pad that the controller did not sign for this host"))
        }
        for note in state.membership?.notes ?? [] { rows.append(("note", note)) }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return rows.map { ($0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1).printable }
    }
}
